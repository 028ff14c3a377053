import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { installPrometheus } from './install/install-prometheus.ts'
import type { InstallOptions } from './install/install-options.ts'
import { programOnPath } from './program-on-path.ts'
import { oldestUsable } from './versions.ts'

/** Prometheus, and what checks its rules. */
export interface PrometheusTools {
  /** `prometheus 2.42.0 from the PATH`. */
  readonly origin: string
  /** Names or paths of programs. */
  readonly prometheus: string
  readonly promtool: string
}

/**
 * Gets Prometheus' programs: those on the PATH, else those of Debian's package.
 * @throws ServerUnavailableError
 */
export function openPrometheusTools(options: InstallOptions = {}): Promise<PrometheusTools> {
  return findProgram('Prometheus', [
    { name: 'programs on the PATH', find: fromPath },
    { name: "the cache, filled by Debian's package", find: () => fromCache(options) },
  ])
}

async function fromPath(): Promise<PrometheusTools> {
  const version = await programOnPath('prometheus', ['--version'], oldestUsable.prometheus)
  await programOnPath('promtool', ['--version'], oldestUsable.prometheus)
  return { origin: `prometheus ${version} from the PATH`, prometheus: 'prometheus', promtool: 'promtool' }
}

async function fromCache(options: InstallOptions): Promise<PrometheusTools> {
  const folder = await installPrometheus(options)
  const [prometheus, promtool] = [join(folder, 'prometheus'), join(folder, 'promtool')]
  const version = await programOnPath(prometheus, ['--version'], oldestUsable.prometheus)
  return { origin: `prometheus ${version} of Debian from the cache`, prometheus, promtool }
}
