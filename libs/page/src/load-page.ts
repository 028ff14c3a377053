import { readFile } from 'node:fs/promises'
import { bundlePage } from './bundle-page.ts'
import type { Page } from './page-file.ts'

/** Where an image has the page that was made with it. */
export const bundledPage = new URL('../dist/page.json', import.meta.url)

interface WrittenFile {
  readonly path: string
  readonly contentType: string
  readonly base64: string
  readonly immutable: boolean
}

/** The page as it was made with the image; in a checkout it is made now, which takes a moment. */
export async function loadPage(): Promise<Page> {
  const written = await readFile(bundledPage, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return written === undefined ? bundlePage() : decodePage(written)
}

/** As it is written into an image. */
export function encodePage(page: Page): string {
  const files: WrittenFile[] = [...page].map(([path, { contentType, bytes, immutable }]) => ({
    path,
    contentType,
    base64: Buffer.from(bytes).toString('base64'),
    immutable,
  }))
  return JSON.stringify(files)
}

function decodePage(text: string): Page {
  const files = JSON.parse(text) as readonly WrittenFile[]
  return new Map(
    files.map(({ path, contentType, base64, immutable }) => [
      path,
      { contentType, bytes: Buffer.from(base64, 'base64'), immutable },
    ]),
  )
}
