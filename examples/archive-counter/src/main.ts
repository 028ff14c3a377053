import { runService } from '@annals/service'
import { archiveCounter } from './archive-counter.ts'

await runService([archiveCounter])
