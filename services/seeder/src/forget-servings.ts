import type { ServiceContext } from '@annals/service'
import { servings } from '@annals/storage'

/**
 * Takes back what this seeder said before its restart that it serves. Nothing is served by now, and whoever has taken
 * care of its communities meanwhile would let go of them for that word. To be called before the others see it at work.
 */
export async function forgetServings(context: ServiceContext): Promise<void> {
  const rows = context.state.collection(servings)
  for await (const { id, version } of rows.list())
    if (id.endsWith(`/${context.instance}`)) await rows.delete(id, version)
}
