import { alertGroups, alerts } from './alerts.ts'
import type { Alert, AlertCase } from './alert.ts'
import { expressionOf, runbookOf } from './alert.ts'

export const rulesFileName = 'annals.rules.yaml'

const header = (of: string): string => `# ${of}
# Written by "node deploy/dashboards/generate.ts" out of deploy/alerts/*.ts; do not edit.
`

/** The rules as Prometheus reads them. */
export function rulesFile(): string {
  const groups = Object.entries(alertGroups).map(
    ([name, alerts]) => `  - name: ${name}\n    rules:\n${alerts.map(ruleOf).join('')}`,
  )
  return `${header('What operators are told of. What to do about each stands in docs/runbooks.')}groups:\n${groups.join('')}`
}

function ruleOf(alert: Alert): string {
  return `      - alert: ${alert.name}
        expr: ${quoted(expressionOf(alert))}
        for: ${alert.forMinutes}m
        labels:
          severity: ${alert.severity}
        annotations:
          summary: ${quoted(alert.summary)}
          runbook: ${runbookOf(alert)}
`
}

/** The cases of alerts, as `promtool test rules` reads them. */
export function ruleTestsFile(of: readonly Alert[] = alerts): string {
  const tests = of.flatMap((alert) => alert.cases.map((each) => testOf(alert, each)))
  return `${header('promtool test rules annals.rules.test.yaml')}rule_files:
  - ${rulesFileName}
evaluation_interval: 1m
tests:
${tests.join('')}`
}

function testOf(alert: Alert, { name, series, atMinutes, fires }: AlertCase): string {
  const input = Object.entries(series).map(
    ([name, values]) => `      - series: ${quoted(name)}\n        values: ${quoted(values)}\n`,
  )
  return `  - name: ${quoted(`${alert.name}: ${name}`)}
    interval: 1m
    input_series:
${input.join('')}    alert_rule_test:
      - eval_time: ${atMinutes}m
        alertname: ${alert.name}
        exp_alerts:${fires === undefined ? ' []\n' : `\n${firingOf(alert, fires)}`}`
}

function firingOf(alert: Alert, { labels = {}, summary }: NonNullable<AlertCase['fires']>): string {
  const all = Object.entries({ severity: alert.severity, ...labels })
  return `          - exp_labels:
${all.map(([name, value]) => `              ${name}: ${quoted(value)}\n`).join('')}            exp_annotations:
              summary: ${quoted(summary)}
              runbook: ${runbookOf(alert)}
`
}

/** A text as YAML takes it literally. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
