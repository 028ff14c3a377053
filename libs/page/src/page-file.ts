/** A file of the page, as it is served. */
export interface PageFile {
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Its name changes with its content, so that it may be kept for ever. */
  readonly immutable: boolean
}

/** The files of the page by path, `/` and `/assets/…`. */
export type Page = ReadonlyMap<string, PageFile>
