import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

/** Of what a page loads to read a history, WebTorrent and all: minified, and as it travels. */
const maxBytes = 500_000
const maxCompressedBytes = 160_000

describe('the reader as a page has it', () => {
  it('bundles for browsers without anything of Node, and stays small', async () => {
    const { outputFiles, metafile } = await build({
      stdin: {
        contents: `export * from './index.ts'; export * from './browser.ts'`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
    })
    const [bundle] = outputFiles
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports)
    expect(imported.filter(({ external }) => external)).toEqual([])
    expect(bundle?.contents.length).toBeLessThan(maxBytes)
    expect(gzipSync(bundle?.contents ?? '').length).toBeLessThan(maxCompressedBytes)
  })
})
