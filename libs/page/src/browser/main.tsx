import { render } from 'preact'
import { Client } from './api/client.ts'
import { openSession } from './api/session.ts'
import { App } from './app.tsx'
// oxlint-disable-next-line import/no-unassigned-import -- the style sheet goes into the bundle by this
import './style.css'

const root = document.getElementById('page')
if (root === null) throw new TypeError('the document has no place for the page')
render(<App client={new Client(openSession(window))} />, root)
