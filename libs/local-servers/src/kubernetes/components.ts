import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { choosePort } from '../choose-port.ts'
import { responds } from '../responds.ts'
import { respondsOverTls } from '../responds-over-tls.ts'
import type { ClusterFiles } from './cluster-files.ts'
import type { Component } from './run-component.ts'
import type { KubernetesPrograms } from './ways-to-kubernetes.ts'

const loopback = '--bind-address=127.0.0.1'

export function etcd({ controlPlane }: KubernetesPrograms): Component {
  return {
    name: 'etcd',
    scheme: 'http',
    program: controlPlane.etcd,
    async args(port, folder) {
      const url = `http://127.0.0.1:${port}`
      const peers = `http://127.0.0.1:${await choosePort()}`
      return [
        `--data-dir=${join(folder, 'data')}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=${peers}`,
        `--initial-advertise-peer-urls=${peers}`,
        `--initial-cluster=default=${peers}`,
        // Nobody wants its data after a crash.
        '--unsafe-no-fsync',
        '--log-level=error',
      ]
    },
    answers: (port) => responds(`http://127.0.0.1:${port}/health`),
  }
}

/** `store` is where etcd is. */
export function apiServer({ controlPlane }: KubernetesPrograms, files: ClusterFiles, store: string): Component {
  const name = 'kube-apiserver'
  return {
    name,
    scheme: 'https',
    program: controlPlane[name],
    args: (port) => [
      `--etcd-servers=${store}`,
      loopback,
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${files.certificateFolder(name)}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.keyFile}`,
      `--service-account-signing-key-file=${files.keyFile}`,
      `--token-auth-file=${files.tokensFile}`,
      '--authorization-mode=RBAC',
      // As in every cluster with a network: whether pods may be privileged is for Pod Security to say.
      '--allow-privileged=true',
      // Its own address is not one that other machines could reach.
      '--endpoint-reconciler-type=none',
    ],
    answers: (port) => isHealthy(`${port}/readyz`, name, files),
  }
}

export function controllerManager(
  { controlPlane }: KubernetesPrograms,
  files: ClusterFiles,
  kubeconfig: string,
): Component {
  const name = 'kube-controller-manager'
  const key = `--service-account-private-key-file=${files.keyFile}`
  return follower(name, controlPlane[name], files, kubeconfig, [key, '--use-service-account-credentials=false'])
}

export function scheduler({ controlPlane }: KubernetesPrograms, files: ClusterFiles, kubeconfig: string): Component {
  return follower('kube-scheduler', controlPlane['kube-scheduler'], files, kubeconfig, [])
}

/** What works by the API alone. */
function follower(
  name: string,
  program: string,
  files: ClusterFiles,
  kubeconfig: string,
  others: readonly string[],
): Component {
  return {
    name,
    scheme: 'https',
    program,
    args: (port) => [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      loopback,
      `--secure-port=${port}`,
      `--cert-dir=${files.certificateFolder(name)}`,
      ...others,
    ],
    answers: (port) => isHealthy(`${port}/healthz`, name, files),
  }
}

function isHealthy(address: string, process: string, files: ClusterFiles): Promise<boolean> {
  return respondsOverTls(`https://127.0.0.1:${address}`, files.certificateFile(process), files.token)
}

export function nodes({ kwok, stages }: KubernetesPrograms, kubeconfig: string): Component {
  return {
    name: 'kwok',
    scheme: 'http',
    program: kwok,
    async args(port, folder) {
      const file = join(folder, 'stages.yaml')
      await writeFile(file, stages)
      return [
        `--kubeconfig=${kubeconfig}`,
        `--config=${file}`,
        '--manage-all-nodes=true',
        '--node-lease-duration-seconds=40',
        `--server-address=127.0.0.1:${port}`,
      ]
    },
    answers: (port) => responds(`http://127.0.0.1:${port}/healthz`),
  }
}
