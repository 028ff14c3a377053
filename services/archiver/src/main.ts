import { runService } from '@annals/service'
import { archiver } from './archiver.ts'

await runService([archiver])
