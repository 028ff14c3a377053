// Makes the streams of an installation where they are missing, as the NATS user `setup` that NATS_URL names. The other
// settings are those of the services.
import { connectNats } from '@annals/nats'
import { ConfigError, readEnv, settings } from '@annals/service'
import { declareStreams } from './declare-streams.ts'

const config = readEnv(process.env)
if (config.natsUrl === '')
  throw new ConfigError([{ variable: settings.natsUrl.variable, found: '', expects: 'the address of a NATS server' }])

await using link = await connectNats({
  servers: config.natsUrl,
  name: 'annals setup',
  inboxPrefix: config.natsInboxPrefix,
  ...(config.natsCredentials !== '' && { credentialsFile: config.natsCredentials }),
})
await declareStreams({
  link,
  namespace: config.namespace,
  ...(config.channel.startsWith('nats:') && { channel: config.channel.slice('nats:'.length) }),
  replicas: config.streamReplicas,
  log: { warn: (fields, message) => void process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`) },
})
