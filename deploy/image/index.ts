export { buildImage } from './build-image.ts'
export { DockerEngine } from './docker-engine.ts'
export { makeServerImages } from './make-server-images.ts'
export type { ServerImages } from './make-server-images.ts'
