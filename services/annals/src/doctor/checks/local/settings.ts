import { settings as all } from '@annals/service'
import { defineCheck, problem } from '../../check.ts'

/** Whether the environment makes settings. */
export const settings = defineCheck({
  name: 'settings',
  looksAt: 'every setting, and variables that begin with ANNALS_ and are none',
  seconds: 5,
  kinds: {
    wrong: problem(
      'a variable cannot be used, contradicts another one, or is unknown',
      'correct the variable, or remove it; docs/settings.md lists all of them',
    ),
  },
  async look({ settingsProblems, engines, config }, report) {
    for (const { variable, found, expects } of settingsProblems)
      report('wrong', { about: variable, found: found === '' ? 'empty' : found, expected: expects })
    const set = Object.entries(all).filter(([key, { default: fallback, schema }]) => {
      return JSON.stringify(config[key as keyof typeof config]) !== JSON.stringify(schema.parse(fallback))
    })
    const names = set.map(([, { variable }]) => variable)
    return `${engines === 'embedded' ? 'the embedded set' : 'NATS and MongoDB'}; set are ${names.join(', ') || 'none'}`
  },
})
