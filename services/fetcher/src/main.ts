import { runService } from '@annals/service'
import { fetcher } from './fetcher.ts'

await runService([fetcher])
