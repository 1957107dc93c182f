import { Command } from 'commander';
import { addAttenuate, addKey, addMint } from './token-make.ts';
import { addInspect, addVerify } from './token-read.ts';
import { addProof, addRevoke } from './token-use.ts';

/** `ostiary token key | mint | attenuate | inspect | verify | proof | revoke` */
export const tokenCommand = (): Command => {
  const token = new Command('token')
    .summary('make, hand on, check and end capability tokens')
    .description(
      'Works on capability tokens: what an agent holds so that it can do less than its owner. A token is a chain of signed ' +
        'links. The first is signed by a gateway; each further one by whoever holds the token, who hands it on with less ' +
        'in it, without asking anybody.',
    )
    .addHelpText(
      'after',
      `
A whole round:
  $ npx ostiary token key --out app.jwk
  $ npx ostiary token key --out agent.jwk
  $ npx ostiary token mint --subject user:dana --for app.jwk --intent orders.get@1 --purpose support > app.token
  $ npx ostiary token attenuate --with app.jwk --for agent.jwk --ttl 5m < app.token > agent.token
  $ npx ostiary token verify < agent.token`,
    );
  addKey(token);
  addMint(token);
  addAttenuate(token);
  addInspect(token);
  addVerify(token);
  addProof(token);
  addRevoke(token);
  return token;
};
