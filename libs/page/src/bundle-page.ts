import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import type { Page, PageFile } from './page-file.ts'

const entry = fileURLToPath(new URL('browser/main.tsx', import.meta.url))

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page, made out of its sources: a script, a style sheet, and the document that names them. */
export async function bundlePage(): Promise<Page> {
  // Only where it is made: an image has it made already, and no bundler.
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: { page: entry },
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    splitting: true,
    bundle: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
    plugins: [withoutGrpc],
  })
  const files = new Map<string, PageFile>()
  for (const { path, contents } of outputFiles) {
    const contentType = contentTypes[extname(path)] ?? 'application/octet-stream'
    files.set(`/assets/${basename(path)}`, { contentType, bytes: contents, immutable: true })
  }
  const paths = [...files.keys()]
  const bytes = new TextEncoder().encode(documentFor(paths))
  files.set('/', { contentType: 'text/html; charset=utf-8', bytes, immutable: false })
  return files
}

/** The generated messages stand in one file with their gRPC clients, which no browser can use: they are left out. */
const withoutGrpc: Plugin = {
  name: 'without-grpc',
  setup(build) {
    build.onResolve({ filter: /^@grpc\/grpc-js$/ }, () => ({ path: 'grpc', namespace: 'without-grpc' }))
    build.onLoad({ filter: /.*/, namespace: 'without-grpc' }, () => ({
      contents: 'export class Client {}; export function makeGenericClientConstructor() {}',
    }))
    build.onLoad({ filter: /[/\\]proto[/\\]generated[/\\].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        /= (makeGenericClientConstructor\()/g,
        '= /* @__PURE__ */ $1',
      ),
      loader: 'ts',
    }))
  },
}

function documentFor(paths: readonly string[]): string {
  const scripts = paths
    .filter((path) => /page-\w+\.js$/.test(path))
    .map((path) => `<script type="module" src="${path}"></script>`)
  const styles = paths.filter((path) => path.endsWith('.css')).map((path) => `<link rel="stylesheet" href="${path}">`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Annals</title>
${[...styles, ...scripts].join('\n')}
</head>
<body>
<div id="page"><noscript>Annals needs JavaScript: it checks what it shows in your browser.</noscript></div>
</body>
</html>
`
}
