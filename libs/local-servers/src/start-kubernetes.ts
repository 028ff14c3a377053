import { readFile, rm } from 'node:fs/promises'
import { findProgram } from './find-program.ts'
import type { InstallOptions } from './install/install-options.ts'
import { writeClusterFiles, writeKubeconfig } from './kubernetes/cluster-files.ts'
import { apiServer, controllerManager, etcd, nodes, scheduler } from './kubernetes/components.ts'
import { runComponent } from './kubernetes/run-component.ts'
import type { Component } from './kubernetes/run-component.ts'
import { waysToKubernetes } from './kubernetes/ways-to-kubernetes.ts'
import type { LocalServer } from './local-server.ts'
import { makeTemporaryFolder } from './temporary-folders.ts'

/** A cluster without machines. */
export interface KubernetesServer extends AsyncDisposable {
  /** Where the API is. */
  readonly url: string
  /** `Kubernetes 1.36.3 from the cache`. */
  readonly origin: string
  /** Of who may do everything. */
  readonly token: string
  /** That which the API server shows, as PEM: nobody signed it. */
  readonly certificate: string
}

/**
 * Starts a control plane of Kubernetes on loopback, with kwok in the place of nodes: pods are scheduled onto the nodes that
 * are made by the API and are ready at once, claims of the storage class `kwok-volume` get a volume, and nothing of it runs or
 * is stored. It has no network: no Service is served, no NetworkPolicy enforced. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError; the signal's reason
 */
export async function startKubernetes(options: InstallOptions = {}): Promise<KubernetesServer> {
  const programs = await findProgram('Kubernetes', waysToKubernetes(options))
  await using started = new AsyncDisposableStack()
  const folder = await makeTemporaryFolder('kubernetes')
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const files = await writeClusterFiles(folder)
  const run = async (component: Component): Promise<LocalServer> =>
    started.use(await runComponent(component, { folder, origin: programs.origin }, options))
  // They end the other way round: an API server that lost its etcd would not come to its end.
  const store = await run(etcd(programs))
  const { url } = await run(apiServer(programs, files, store.url))
  const kubeconfig = await writeKubeconfig(folder, url, files)
  for (const component of [
    controllerManager(programs, files, kubeconfig),
    scheduler(programs, files, kubeconfig),
    nodes(programs, kubeconfig),
  ])
    await run(component)
  const certificate = await readFile(files.certificateFile('kube-apiserver'), 'utf8')
  const running = started.move()
  return {
    url,
    origin: programs.origin,
    token: files.token,
    certificate,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
