export { seeder } from './seeder.ts'
