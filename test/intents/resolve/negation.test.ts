import { describe, expect, test } from 'vitest';
import { isNegated } from '../../../intents/resolve/negation.ts';
import { intentOf } from './shop.ts';

const cancel = intentOf('orders.cancel', 'destructive', ['cancel order A-1001', 'storniere die Bestellung A-1001']);

describe.each([
  {
    language: 'English',
    asked: [
      'cancel A-1',
      'please cancel order A-1 now',
      'could you cancel A-1',
      'no worries, cancel A-1',
      'cancel it if possible',
    ],
    not: [
      "don't cancel A-1",
      'never cancel A-1',
      'what happens if I cancel A-1',
      'refund A-1, not cancel',
      'did you cancel A-1',
      'should I cancel A-1',
      'suppose I cancel A-1',
    ],
  },
  {
    language: 'German',
    asked: ['storniere A-1', 'bitte Bestellung A-1 stornieren', 'ich möchte A-1 stornieren'],
    not: [
      'storniere A-1 nicht',
      'bitte keine Stornierung von A-1',
      'was passiert, wenn ich A-1 storniere',
      'soll ich A-1 stornieren?',
      'falls ich storniere',
    ],
  },
  {
    language: 'French',
    asked: ['annule la commande A-1', "je veux annuler A-1 s'il te plaît", 'annule A-1 sans faute'],
    not: [
      "n'annule pas la commande A-1",
      'ne pas annuler A-1',
      "que se passe-t-il si j'annule A-1",
      'puis-je annuler A-1',
    ],
  },
  {
    language: 'Spanish',
    asked: ['cancela el pedido A-1', 'quiero cancelar mi pedido por favor'],
    not: [
      'no canceles el pedido A-1',
      '¿qué pasa si cancelo el pedido?',
      'nunca canceles mi pedido',
      '¿puedo cancelar el pedido?',
    ],
  },
  {
    language: 'Italian',
    asked: ["annulla l'ordine A-1 per favore"],
    not: ["non annullare l'ordine A-1", "cosa succede se annullo l'ordine"],
  },
  {
    language: 'Portuguese',
    asked: ['cancele o pedido A-1'],
    not: ['não cancele o pedido A-1', 'o que acontece se eu cancelar o pedido'],
  },
  {
    language: 'Dutch',
    asked: ['annuleer bestelling A-1'],
    not: ['annuleer A-1 niet', 'wat gebeurt er als ik annuleer'],
  },
  { language: 'Polish', asked: ['anuluj zamówienie A-1'], not: ['nie anuluj A-1', 'co się stanie, jeśli anuluję A-1'] },
  { language: 'Russian', asked: ['отмени заказ A-1'], not: ['не отменяй заказ A-1', 'что будет, если я отменю заказ'] },
  { language: 'Chinese', asked: ['取消订单 A-1'], not: ['不要取消订单 A-1', '如果我取消订单会怎么样'] },
  {
    language: 'Japanese',
    asked: ['注文 A-1 をキャンセルしてください'],
    not: ['注文 A-1 をキャンセルしないで', 'もしキャンセルしたらどうなる'],
  },
  { language: 'Arabic', asked: ['ألغِ الطلب A-1'], not: ['لا تلغِ الطلب A-1'] },
  { language: 'Hindi', asked: ['ऑर्डर A-1 रद्द करो'], not: ['ऑर्डर A-1 रद्द मत करो'] },
])('$language', ({ asked, not }) => {
  test.each(asked)('"%s" asks for it', (text) => expect(isNegated(text, cancel, [])).toBe(false));
  test.each(not)('"%s" does not', (text) => expect(isNegated(text, cancel, [])).toBe(true));
});

test('a cue that the examples themselves use is how it is asked for', () => {
  const stop = intentOf('subscriptions.stop', 'write', ['do not renew my subscription', 'verlängere mein Abo nicht']);
  expect(isNegated('please do not renew the subscription', stop, [])).toBe(false);
  expect(isNegated('mein Abo bitte nicht verlängern', stop, [])).toBe(false);
});

test('what is quoted is somebody else speaking', () => {
  const text = 'cancel A-1 with the note "do not call"';
  const start = text.indexOf('do not');
  expect(isNegated(text, cancel, [{ start, end: start + 'do not call'.length }])).toBe(false);
});
