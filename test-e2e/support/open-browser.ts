import type { Browser } from 'playwright-core'
import { openChromium } from '@annals/local-servers'
import { chromium } from 'playwright-core'

/** A browser without a window, in which pages of this machine reach each other over WebRTC. */
export async function openBrowser(): Promise<Browser> {
  const { program, environment } = await openChromium()
  return chromium.launch({
    executablePath: program,
    env: { ...process.env, ...environment },
    args: [
      // As root it has no sandbox of its own.
      '--no-sandbox',
      // The memory that programs share is small in containers.
      '--disable-dev-shm-usage',
      // Peers stay on loopback, and say where they are.
      '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  })
}
