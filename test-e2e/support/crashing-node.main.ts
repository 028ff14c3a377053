// An all-in-one node that kills itself right before its nth effect on the outside. It says that it is ready as
// `annals up --json` does. CRASH_AT: n, counted from 1. EFFECTS_FILE: each effect's name is appended to it.
import { appendFileSync } from 'node:fs'
import { allServices } from '@annals/annals'
import { addressText, gatewayAddress } from '@annals/gateway'
import { readEnv, runService } from '@annals/service'
import { watchEffects } from '@annals/service/testing'

const { CRASH_AT: crashAt = '0', EFFECTS_FILE: effectsFile = '', ...environment } = process.env
const config = readEnv(environment)
let effects = 0

await runService(allServices, {
  config,
  untilStdinEnds: true,
  wrapEngines: (engines) =>
    watchEffects(engines, {
      before: (effect) => {
        effects += 1
        appendFileSync(effectsFile, `${effect}\n`)
        if (effects === Number(crashAt)) process.kill(process.pid, 'SIGKILL')
      },
    }),
  onStarted: () => {
    process.stdout.write(
      `${JSON.stringify({ address: addressText(gatewayAddress(config.grpcAddress, config.dataFolder)) })}\n`,
    )
  },
})
