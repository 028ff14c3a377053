import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { AttachRequest, AttachResponse } from '@annals/proto/signer/v1'
import type { ServiceError } from '@grpc/grpc-js'
import type { Signer } from '@annals/crypto'
import type { SignerReport } from '@annals/keys/remote'
import {
  Secret,
  SignerRefusedError,
  SignerUnavailableError,
  communityIdOfPrivateKey,
  keccak256,
  recover,
  signMagnetMessage,
  signWithKey,
  signableTypes,
  toHex,
} from '@annals/crypto'
import { AttachRefusedError, HostNotTrustedError, SignerMemory, runSigner } from '@annals/keys/remote'
import { SignerServiceClient } from '@annals/proto/signer/v1'
import { testFolder } from '@annals/service/testing'
import { signatureRequests } from '@annals/storage'
import { credentials, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressText } from './server/address.ts'
import { startGateway } from './server/start-gateway.ts'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

const operatorToken = 'the-token-of-operators'
let gateway: TestGateway
beforeAll(async () => {
  // Owners' signers are not given the token that opens everything.
  gateway = await startTestGateway({ env: { ANNALS_GRPC: '127.0.0.1:0', ANNALS_TOKEN: operatorToken } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

interface Owner {
  readonly communityId: string
  readonly privateKey: Secret
  readonly token: Secret
}

let keys = 0

async function newOwner(): Promise<Owner> {
  const bytes = keccak256(new TextEncoder().encode(`owner ${keys++}`))
  const communityId = communityIdOfPrivateKey(bytes)
  const token = await gateway.context.keys.communities.delegate(communityId)
  return { communityId, privateKey: new Secret(bytes), token }
}

/** A signer at work, until it is disposed of. */
interface RunningSigner extends AsyncDisposable {
  readonly reports: readonly SignerReport[]
  readonly attached: Promise<void>
  /** Rejects with what ends the signer. */
  readonly ended: Promise<void>
}

async function startSigner(owner: Owner, folder: string, address = gateway.address): Promise<RunningSigner> {
  const stop = new AbortController()
  const memory = await SignerMemory.open(folder, owner.communityId)
  const reports: SignerReport[] = []
  const attached = Promise.withResolvers<void>()
  const ended = runSigner({
    ...owner,
    memory,
    address: addressText(address),
    credentials: credentials.createInsecure(),
    signal: stop.signal,
    onAttached: () => attached.resolve(),
    onAnswered: (report) => reports.push(report),
    onDetached: () => undefined,
    pauseMilliseconds: () => 10,
  })
  return {
    reports,
    attached: attached.promise,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended.catch(() => undefined)
      await memory[Symbol.asyncDispose]()
    },
  }
}

const now = Date.now()

function announcement(owner: Owner, clockMilliseconds = now): Parameters<typeof signMagnetMessage>[1] {
  return { communityId: owner.communityId, clockMilliseconds, magnetLink: `magnet:?xt=urn:btih:${clockMilliseconds}` }
}

/** Asks again until the owner has answered. */
const patiently = (host: () => TestGateway): Signer => ({
  async sign(request) {
    for (;;)
      try {
        return await host().context.signer.sign(request)
      } catch (error) {
        if (!(error instanceof SignerUnavailableError)) throw error
        await setImmediate()
      }
  },
})

const patient = patiently(() => gateway)

const signed = (request: Parameters<typeof signMagnetMessage>[1]): Promise<Uint8Array> =>
  signMagnetMessage(patient, request)

describe('an owner’s signer', () => {
  it('signs what waited for it and what comes, as the key itself would, and tells its owner', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    const request = announcement(owner)
    await expect(signMagnetMessage(gateway.context.signer, request)).rejects.toBeInstanceOf(SignerUnavailableError)
    await using signer = await startSigner(owner, folder.path)
    const message = await signed(request)
    expect(message).toEqual(
      await signMagnetMessage({ sign: async (asked) => signWithKey(owner.privateKey, asked) }, request),
    )
    expect(await signed(request)).toEqual(message)
    await signed(announcement(owner, now + 1))
    const { magnetLink } = request
    expect(signer.reports).toMatchObject([{ type: 43, clock: now, magnetLink }, { clock: now + 1 }])
    const waiting = gateway.context.state.collection(signatureRequests)
    while ((await waiting.get(`${owner.communityId}/43`)) !== undefined) await setImmediate()
  })

  it('refuses an older clock, also after its process was killed, and another message of the same clock', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    {
      await using _ = await startSigner(owner, folder.path)
      await signed(announcement(owner))
    }
    await using signer = await startSigner(owner, folder.path)
    for (const request of [announcement(owner, now - 1), { ...announcement(owner), magnetLink: 'magnet:?other' }])
      await expect(signed(request)).rejects.toBeInstanceOf(SignerRefusedError)
    expect(signer.reports.map(({ refusal }) => refusal !== undefined)).toEqual([true, true])
    // What was signed before may be asked for any number of times.
    expect(await signed(announcement(owner))).toHaveLength((await signed(announcement(owner))).length)
  })

  it('refuses a clock from far ahead, which would make members deaf until then', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    await using _ = await startSigner(owner, folder.path)
    await expect(signed(announcement(owner, now + 30 * 86_400_000))).rejects.toBeInstanceOf(SignerRefusedError)
    expect(await signed(announcement(owner))).toBeInstanceOf(Uint8Array)
  })

  it('refuses every other type of message, and asking again asks it again', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    await using signer = await startSigner(owner, folder.path)
    const payload = Uint8Array.of(8, 1)
    const request = { communityId: owner.communityId, type: 1 as typeof signableTypes.description, payload }
    for (let time = 1; time <= 2; time += 1) {
      await expect(patient.sign(request)).rejects.toBeInstanceOf(SignerRefusedError)
      expect(signer.reports).toHaveLength(time)
    }
  })

  it('signs a description, whose clock is of another kind', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    await using _ = await startSigner(owner, folder.path)
    await signed(announcement(owner))
    const request = {
      communityId: owner.communityId,
      type: signableTypes.description,
      payload: Uint8Array.of(8, 5, 146, 1, 0),
    }
    expect(toHex(recover(await patient.sign(request), keccak256(request.payload)))).toBe(owner.communityId)
  })

  it('is let in by its own proofs alone, and the token of operators is asked for everywhere else', async () => {
    const owner = await newOwner()
    const { communityId } = owner
    expect(await failure(ask(gateway.client, 'delegateSigning', { communityId }))).toMatchObject({
      code: status.UNAUTHENTICATED,
    })
    await using folder = await testFolder()
    await using signer = await startSigner(owner, folder.path)
    await signer.attached
  })

  it('gives up where the host does not know the token, or the community has no signer', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    await using wrong = await startSigner({ ...owner, token: new Secret(randomBytes(32)) }, folder.path)
    await expect(wrong.ended).rejects.toBeInstanceOf(HostNotTrustedError)
    const bytes = keccak256(Uint8Array.of(99))
    const stranger = { communityId: communityIdOfPrivateKey(bytes), privateKey: new Secret(bytes), token: owner.token }
    await using other = await testFolder()
    await using unknown = await startSigner(stranger, other.path)
    await expect(unknown.ended).rejects.toBeInstanceOf(HostNotTrustedError)
  })

  it('gives up where its key is not the community’s, though it has the token', async () => {
    await using folder = await testFolder()
    const owner = await newOwner()
    const privateKey = new Secret(keccak256(Uint8Array.of(98)))
    await using signer = await startSigner({ ...owner, privateKey }, folder.path)
    await expect(signer.ended).rejects.toBeInstanceOf(AttachRefusedError)
  })

  it('calls again when the host was away, and is asked what it has not answered', async () => {
    await using folder = await testFolder()
    await using host = await startTestGateway({ env: { ANNALS_GRPC: '127.0.0.1:0' } })
    const owner = await newOwner()
    const token = await host.context.keys.communities.delegate(owner.communityId)
    await using signer = await startSigner({ ...owner, token }, folder.path, host.address)
    await signer.attached
    await host.stop()
    await expect(signMagnetMessage(host.context.signer, announcement(owner))).rejects.toBeInstanceOf(
      SignerUnavailableError,
    )
    const config = { ...host.context.config, grpcAddress: addressText(host.address) }
    await using _ = await startGateway({ ...host.context, config }, new AbortController().signal)
    const later = patiently(() => host)
    expect(await signMagnetMessage(later, announcement(owner))).toBeInstanceOf(Uint8Array)
  })

  it('that speaks out of turn is hung up on, with a reason', async () => {
    const owner = await newOwner()
    const nonce = randomBytes(32)
    const answer = { questionId: 1, signature: Buffer.alloc(65) }
    const proof = { signature: Buffer.alloc(65) }
    const hello = { communityId: owner.communityId, nonce }
    const cases: readonly [readonly AttachRequest[], status][] = [
      [[{}], status.INVALID_ARGUMENT],
      [[{ answer }], status.INVALID_ARGUMENT],
      [[{ proof }], status.INVALID_ARGUMENT],
      [[{ hello: { communityId: 'x\0', nonce } }], status.INVALID_ARGUMENT],
      [[{ hello: { ...hello, nonce: Buffer.alloc(31) } }], status.INVALID_ARGUMENT],
      [[{ hello }, { hello }], status.INVALID_ARGUMENT],
      [[{ hello }, { answer }], status.INVALID_ARGUMENT],
      [[{ hello }, { proof }], status.PERMISSION_DENIED],
    ]
    const client = new SignerServiceClient(addressText(gateway.address), credentials.createInsecure())
    for (const [requests, code] of cases) expect(await hungUp(client, requests)).toBe(code)
    client.close()
  })
})

/** Says something, and answers with which status the host hung up. */
async function hungUp(client: SignerServiceClient, requests: readonly AttachRequest[]): Promise<status> {
  const call = client.attach()
  for (const request of requests) call.write(request)
  try {
    for await (const _ of call as AsyncIterable<AttachResponse>);
    return status.OK
  } catch (error) {
    return (error as ServiceError).code
  } finally {
    call.cancel()
  }
}
