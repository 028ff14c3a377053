// Makes the secrets of a laptop's installation as files in a folder, where they are not there yet:
// node deploy/compose/make-secrets.ts FOLDER
import { makeSecrets } from './secret-files.ts'

const [folder = '/data'] = process.argv.slice(2)
for (const name of await makeSecrets(folder)) process.stdout.write(`made ${name}\n`)
