import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the processes of a cluster share, in a folder. */
export interface ClusterFiles {
  /** Of who may do everything. */
  readonly token: string
  readonly tokensFile: string
  /** Signs the tokens of service accounts. */
  readonly keyFile: string
  /** Certificates, which the processes make themselves. */
  certificateFolder(process: string): string
  certificateFile(process: string): string
}

const owner = { mode: 0o600 }

/** Writes the secrets of a new cluster. */
export async function writeClusterFiles(folder: string): Promise<ClusterFiles> {
  const token = randomBytes(32).toString('hex')
  const tokensFile = join(folder, 'tokens.csv')
  await writeFile(tokensFile, `${token},admin,admin,system:masters\n`, owner)
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const keyFile = join(folder, 'service-accounts.key')
  await writeFile(keyFile, privateKey, owner)
  const certificateFolder = (process: string): string => join(folder, process, 'certificates')
  return {
    token,
    tokensFile,
    keyFile,
    certificateFolder,
    certificateFile: (process) =>
      join(certificateFolder(process), `${process.replace('kube-apiserver', 'apiserver')}.crt`),
  }
}

/** Tells the other processes where the API server is. @returns the file's path */
export async function writeKubeconfig(folder: string, server: string, files: ClusterFiles): Promise<string> {
  const name = 'local'
  const file = join(folder, 'kubeconfig.json')
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority': files.certificateFile('kube-apiserver') } }],
    users: [{ name, user: { token: files.token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }
  await writeFile(file, JSON.stringify(kubeconfig), owner)
  return file
}
