import { Command } from 'commander'
import { registerDemo } from './commands/demo.ts'
import { registerUp } from './commands/up.ts'

const program = new Command('annals')
registerUp(program)
registerDemo(program)
await program.parseAsync()
