import { say } from '@annals/sqlite/testing'
import { openLink } from '../../mongo/testing/open-link.ts'
import { openGridfsBlobs } from '../open-gridfs-blobs.ts'

// Puts blobs of up to eight megabytes, some of them again and again, and says the keys that were acknowledged.
const store = await openGridfsBlobs({ link: await openLink() })

async function put(number: number): Promise<void> {
  const part = new Uint8Array(1_000_000).fill(number)
  const { key } = await store.put(Array.from({ length: number % 9 }, () => part))
  say(key)
}

for (let number = Number(process.argv[4]); ; number += 3) await Promise.all([number, number + 1, number % 20].map(put))
