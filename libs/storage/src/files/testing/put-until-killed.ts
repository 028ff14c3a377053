import { say } from '@annals/sqlite/testing'
import { openFileBlobs } from '../open-file-blobs.ts'

// Puts blobs of up to some hundred kilobytes, some of them again and again, and says the keys that were acknowledged.
const [folder = '', first = '0'] = process.argv.slice(2)
const store = await openFileBlobs({ folder })

async function put(number: number): Promise<void> {
  const part = new Uint8Array(50_000).fill(number)
  const { key } = await store.put(Array.from({ length: number % 8 }, () => part))
  say(key)
}

for (let number = Number(first); ; number += 3) await Promise.all([number, number + 1, number % 20].map(put))
