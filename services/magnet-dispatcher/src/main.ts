import { runService } from '@annals/service'
import { magnetDispatcher } from './magnet-dispatcher.ts'

await runService([magnetDispatcher])
