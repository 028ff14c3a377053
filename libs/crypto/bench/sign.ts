// node libs/crypto/bench/sign.ts: signatures and recoveries a second, before and after `prepareManySignatures`.
import { keccak256, prepareManySignatures, privateKeyFromRandom, recover, sign } from '../src/index.ts'

const privateKey = privateKeyFromRandom(new Uint8Array(48).fill(7))
const hashes = Array.from({ length: 2_000 }, (_, i) => keccak256(Uint8Array.of(i, i >> 8)))

function perSecond(name: string, run: (hash: Uint8Array) => unknown): void {
  for (const hash of hashes.slice(0, 200)) run(hash)
  const start = performance.now()
  for (const hash of hashes) run(hash)
  console.log(`${name}: ${Math.round((hashes.length / (performance.now() - start)) * 1000)}/s`)
}

perSecond('sign', (hash) => sign(privateKey, hash))
const start = performance.now()
prepareManySignatures()
console.log(`prepareManySignatures: ${Math.round(performance.now() - start)} ms`)
perSecond('sign, prepared', (hash) => sign(privateKey, hash))
const signature = sign(privateKey, hashes[0]!)
perSecond('recover', () => recover(signature, hashes[0]!))
