import { Command } from 'commander';
import { policyCheckCommand } from './policy-check.ts';
import { policyDocCommand } from './policy-doc.ts';
import { policyExplainCommand } from './policy-explain.ts';
import { policyReplayCommand, policyShadowCommand } from './policy-replay.ts';
import { policyTestCommand } from './policy-test.ts';

/** `ostiary policy check | test | explain | replay | shadow | doc` */
export const policyCommand = (): Command => {
  const policy = new Command('policy')
    .summary('check, test, explain and replay policies')
    .description(
      'Works on the policies of a set-up: checks and tests them, explains a decision rule by rule, decides last ' +
        "week's requests again under a candidate, and writes a page that can be read.",
    );
  for (const command of [
    policyCheckCommand(),
    policyTestCommand(),
    policyExplainCommand(),
    policyReplayCommand(),
    policyShadowCommand(),
    policyDocCommand(),
  ])
    policy.addCommand(command);
  return policy;
};
