import { describeServer } from '@annals/storage/mongo'
import { defineCheck, warning } from '../../check.ts'

/** What kind of server it is. */
export const mongodbServer = defineCheck({
  name: 'mongodb-server',
  looksAt: 'which product answers, of which version, and whether it is a replica set',
  seconds: 15,
  kinds: {
    alone: warning(
      'MongoDB runs as a server alone',
      'make a replica set of three members, if the state is to outlive the loss of a machine; otherwise see to backups',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const { product, version, replicaSet, members } = await describeServer(await context.mongo())
    const found = `${product} ${version}`
    // FerretDB keeps everything in a PostgreSQL, which is replicated in its own way.
    if (product === 'MongoDB' && replicaSet === undefined)
      report('alone', { found: `${found}, alone`, expected: 'a replica set' })
    return replicaSet === undefined ? found : `${found}, replica set ${replicaSet} of ${members}`
  },
})
