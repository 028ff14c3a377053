import { openInstallation } from '@annals/service/testing'
import { describeCounting } from './testing/counting-contract.ts'

describeCounting(async () => {
  const installation = openInstallation()
  return {
    open: (options) => installation.open('counter', options),
    [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose](),
  }
})
