import { runService } from '@annals/service'
import { scheduler } from './scheduler.ts'

await runService([scheduler])
