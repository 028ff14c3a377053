import { runService } from '@annals/service'
import { seeder } from './seeder.ts'

await runService([seeder])
