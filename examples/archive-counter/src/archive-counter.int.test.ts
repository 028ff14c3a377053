import { openTestNode, testFolder } from '@annals/service/testing'
import { describeCounting } from './testing/counting-contract.ts'

describeCounting(async () => {
  const folder = await testFolder()
  return {
    open: (options) => openTestNode({ ...options, folder: folder.path }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})
