import type { InstallOptions } from './install-options.ts'
import { runGo } from './run-go.ts'

/** The folder of a module's sources, such as `k8s.io/kubernetes@v1.36.3`. @throws WayClosedError */
export async function fetchGoModule(module: string, options: InstallOptions): Promise<string> {
  // It belongs to no module of ours, so go is asked outside of one.
  const env = { GO111MODULE: 'on', GOFLAGS: '' }
  const lines = await runGo({ args: ['mod', 'download', '-json', module], env }, options)
  return (JSON.parse(lines.join('\n')) as { Dir: string }).Dir
}
