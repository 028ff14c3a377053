/** One store under test, empty at first. Disposing of it ends all that it opened. */
export interface StoreHarness<S> extends AsyncDisposable {
  readonly store: S
  /** Closes the store in order and opens it again over the same data. */
  restart(): Promise<S>
  /** Leaves the store as a killed process would and opens another over what was stored at that moment. */
  crash(): Promise<S>
  /** Another handle on the same data, as another process has it; absent where the engine allows one process only. */
  openSecond?(): Promise<S>
}
