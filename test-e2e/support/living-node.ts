import type { NodeView } from '@annals/annals'

/** A node, of one process or of many, any of which may die under whoever uses it. */
export interface LivingNode extends AsyncDisposable {
  readonly name: string
  /**
   * Runs work on the node, again where it could not end because something of the node was gone. Everything that a node
   * takes in is safe to repeat, so this is what any user would do.
   */
  run<T>(work: (node: NodeView) => Promise<T>): Promise<T>
  /** Kill -9 of the node's process, or of one of them; it is started again. */
  kill(random: () => number): Promise<void>
}
