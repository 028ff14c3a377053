// The all-in-one node, which at SIGUSR2 dies of an error that nobody handles and that has everything secret in it: what a
// mistake of the program could throw at worst. COMMUNITIES: ids, separated by commas.
import { addressText, gatewayAddress } from '@annals/gateway'
import { importIdentity } from '@annals/imports'
import { readEnv, runService } from '@annals/service'
import { allServices } from '../all-services.ts'

const { COMMUNITIES: communities = '', NODE_OPTIONS: _, ...environment } = process.env
const config = readEnv(environment)

await runService(allServices, {
  config,
  untilStdinEnds: true,
  onStarted: ({ context }) => {
    const die = async (): Promise<void> => {
      const found: unknown[] = []
      for (const communityId of communities.split(',')) {
        const privateKey = await context.keys.communities.get(communityId)
        const token = await context.keys.communities.signerToken(communityId)
        found.push(privateKey, token, privateKey && importIdentity(communityId, privateKey))
      }
      const { keys, signer, registry } = context
      context.log.warn({ found, keys, signer, registry }, `about to die with ${String(found)}`)
      const error = Object.assign(new Error('provoked', { cause: { found } }), { found, keys, signer, registry })
      process.report.writeReport(error)
      throw error
    }
    process.on('SIGUSR2', () => void die())
    process.stdout.write(
      `${JSON.stringify({ address: addressText(gatewayAddress(config.grpcAddress, config.dataFolder)) })}\n`,
    )
  },
})
