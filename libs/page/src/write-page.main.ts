import { mkdir, writeFile } from 'node:fs/promises'
import { bundlePage } from './bundle-page.ts'
import { bundledPage, encodePage } from './load-page.ts'

// For an image: the page is made once, with it.
await mkdir(new URL('.', bundledPage), { recursive: true })
await writeFile(bundledPage, encodePage(await bundlePage()))
