import { runService } from '@annals/service'
import { gateway } from './gateway.ts'

await runService([gateway])
