import { createServer } from 'node:net'

// A server that says its process id to whoever connects. It ends at once where it is told to say nothing.
const [port = '', ending] = process.argv.slice(2)
if (ending !== undefined) {
  process.stdout.write('cannot work like this\n')
  process.exit(Number(ending))
}
createServer((socket) => {
  socket.on('error', () => {})
  socket.write(`${process.pid}\n`)
}).listen(Number(port), '127.0.0.1')
