import { runService } from '@annals/service'
import { prober } from './prober.ts'

await runService([prober])
