// Of pairs of templates on standard input, {"key": [before, after]}: what CloudFormation does to each resource.
'use strict';
const { fullDiff } = require('@aws-cdk/cloudformation-diff');

const SECTIONS = ['awsTemplateFormatVersion', 'description', 'transform', 'conditions', 'mappings', 'metadata',
  'outputs', 'parameters', 'unknown'];

// Policies without what it takes for granted stop it: they are judged by us, so it need not know them.
const JUDGED_BY_US = /^AWS::(IAM::.*|.*Policy|Lambda::Permission|EC2::SecurityGroup.*)$/;

function withoutPolicies(template) {
  const resources = Object.entries(template.Resources || {}).map(([name, one]) =>
    [name, JUDGED_BY_US.test(one.Type) ? { ...one, Type: `Custom::${one.Type.replace(/::/g, '')}` } : one]);
  return { ...template, Resources: Object.fromEntries(resources) };
}

function diffOf(before, after) {
  try {
    return fullDiff(before, after);
  } catch {
    return fullDiff(withoutPolicies(before), withoutPolicies(after));
  }
}

const differ = (one, other) => JSON.stringify(one) !== JSON.stringify(other);
const changed = (one, other) => [...new Set([...Object.keys(one || {}), ...Object.keys(other || {})])]
  .filter((name) => differ((one || {})[name], (other || {})[name]));

// Of templates that it cannot read: what differs, without its word on what becomes of it.
function differencesOf(before, after) {
  const [old, now] = [before.Resources || {}, after.Resources || {}];
  const resources = Object.fromEntries(changed(old, now).map((name) => [name, {
    impact: !old[name] ? 'WILL_CREATE' : now[name] ? 'WILL_UPDATE'
      : /^Retain/.test(old[name].DeletionPolicy) ? 'WILL_ORPHAN' : 'WILL_DESTROY',
    properties: Object.fromEntries(changed((old[name] || {}).Properties, (now[name] || {}).Properties)
      .map((property) => [property, 'MAY_REPLACE'])),
    others: old[name] && now[name] ? changed(old[name], now[name]).filter((one) => !/^(Type|Properties)$/.test(one)) : [],
  }]));
  const sections = SECTIONS.filter((name) => differ(...[before, after].map((one) => one[name[0].toUpperCase() + name.slice(1)])));
  return { resources, sections };
}

function impactsOf(before, after) {
  let diff;
  try {
    diff = diffOf(before, after);
  } catch {
    return differencesOf(before, after);
  }
  const resources = {};
  diff.resources.forEachDifference((logicalId, change) => {
    const different = (changes) => Object.entries(changes || {}).filter(([, one]) => one.isDifferent);
    resources[logicalId] = {
      impact: change.changeImpact,
      properties: Object.fromEntries(different(change.propertyUpdates).map(([name, one]) => [name, one.changeImpact])),
      others: different(change.otherChanges).map(([name]) => name),
    };
  });
  const sections = SECTIONS.filter((name) => diff[name] && (diff[name].differenceCount ?? diff[name].isDifferent));
  return { resources, sections };
}

const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk));
process.stdin.on('end', () => {
  const pairs = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const found = Object.fromEntries(Object.entries(pairs).map(([key, [before, after]]) => [key, impactsOf(before, after)]));
  process.stdout.write(JSON.stringify(found));
});
