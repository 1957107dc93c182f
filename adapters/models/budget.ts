import type { ModelBudget, ModelSpend } from '../../intents/ports.ts';

export interface BudgetLimits {
  readonly windowMs: number;
  /** Left out, as many as are asked for. */
  readonly tokens?: number;
  /** Left out, as much as it costs. */
  readonly money?: number;
}

/** What tenants have spent in a window; handed on, it outlives the budget that counts in it. */
export interface BudgetLedger {
  window: string;
  accounts: Map<string, Account>;
}

export const budgetLedger = (): BudgetLedger => ({ window: '', accounts: new Map() });

interface Account {
  spent: ModelSpend;
  /** Of what is under way. */
  held: ModelSpend;
}

/**
 * Counts in this process, per tenant, and anew in each window; windows follow each other from 1970 on.
 * What is under way counts in full, so that many requests at once do not spend more than is there.
 * @param now milliseconds since 1970
 * @param ledger of an earlier budget, to go on from; windows of another length begin anew
 */
export const memoryBudget = (
  { windowMs, tokens, money }: BudgetLimits,
  now: () => number,
  ledger: BudgetLedger = budgetLedger(),
): ModelBudget => ({
  async reserve(tenant, atMost) {
    const window = `${windowMs} ${Math.floor(now() / windowMs)}`;
    if (window !== ledger.window) {
      ledger.window = window;
      ledger.accounts = new Map();
    }
    const account = ledger.accounts.get(tenant) ?? { spent: nothing, held: nothing };
    ledger.accounts.set(tenant, account);
    const wanted = sum(sum(account.spent, account.held), atMost);
    if (tokens !== undefined && wanted.tokens > tokens) return { refused: 'tokens' };
    if (money !== undefined && wanted.money > money) return { refused: 'money' };
    account.held = sum(account.held, atMost);
    let open = true;
    return {
      settle(actual = atMost) {
        if (!open) return;
        open = false;
        account.held = sum(account.held, atMost, -1);
        account.spent = sum(account.spent, actual);
      },
    };
  },
});

const nothing: ModelSpend = { tokens: 0, money: 0 };

const sum = (one: ModelSpend, other: ModelSpend, sign = 1): ModelSpend => ({
  tokens: one.tokens + sign * other.tokens,
  money: one.money + sign * other.money,
});
