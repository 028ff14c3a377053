import { checkIndexes } from '@annals/storage/mongo'
import { defineCheck, problem, warning } from '../../check.ts'

/** The indexes of the collections that are there; a service makes both at its start. */
export const mongodbIndexes = defineCheck({
  name: 'mongodb-indexes',
  looksAt: 'the indexes of all collections that are there',
  seconds: 30,
  kinds: {
    missing: problem(
      'an index is not there',
      'make it with "annals doctor --fix"; with many documents that takes a while. Services make it at their start as well',
    ),
    differs: warning(
      'an index is not as it should be',
      'drop the index (dropIndex) and make it anew with "annals doctor --fix", at a quiet time',
    ),
    unsafe: problem(
      'an index is not unique as it must be',
      'stop the services, drop the index, remove what is double, and make it anew with "annals doctor --fix": blobs may be there twice',
    ),
  },
  isWanted: (context) => context.reaches('mongodb'),
  async look(context, report) {
    const link = await context.mongo()
    const findings = await checkIndexes(link)
    for (const { collection, index, problem: what, expected, found } of findings) {
      const about = `${collection} ${index}`
      const texts = { about, expected: JSON.stringify(expected) }
      const isUnsafe = expected.unique === true && !isUnique(found)
      if (what === 'missing') report('missing', { ...texts, found: 'no index', fix: () => link.prepare(collection) })
      else report(isUnsafe ? 'unsafe' : 'differs', { ...texts, found: JSON.stringify(found) })
    }
    return 'all as they should be'
  },
})

function isUnique(index: object | undefined): boolean {
  return index !== undefined && 'unique' in index && index.unique === true
}
