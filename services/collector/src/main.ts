import { runService } from '@annals/service'
import { collector } from './collector.ts'

await runService([collector])
