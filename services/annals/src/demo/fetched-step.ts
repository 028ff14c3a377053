/** What a member's fetch came to. */
export interface FetchedStep {
  readonly step: string
  readonly archives: number
  readonly messages: number
  readonly downloadedBytes: number
}
