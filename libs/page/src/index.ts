export { bundlePage } from './bundle-page.ts'
export { loadPage } from './load-page.ts'
export type { Page, PageFile } from './page-file.ts'
