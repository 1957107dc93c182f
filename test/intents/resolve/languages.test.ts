import { describe, expect, test } from 'vitest';
import type { Intent } from '../../../intents/contract.ts';
import { defaultLines } from '../../../intents/resolve/lines.ts';
import { builtinFor, intentOf, now, resolverFor } from './shop.ts';

/** A small library: the same five intents in each language, described in it alone. */
const library = (titles: readonly string[], examples: readonly (readonly string[])[]): Intent[] =>
  (['books.borrow', 'books.return', 'books.search', 'fines.show', 'rooms.book'] as const).map((name, at) =>
    intentOf(name, ['books.search', 'fines.show'].includes(name) ? 'read' : 'write', examples[at] ?? [], {}, [], {
      title: titles[at] ?? '',
    }),
  );

describe.each([
  {
    language: 'German',
    intents: library(
      ['Ein Buch ausleihen', 'Ein Buch zurückgeben', 'Bücher suchen', 'Gebühren zeigen', 'Einen Raum buchen'],
      [
        [
          'ich möchte ein Buch ausleihen',
          'leih mir das Buch aus',
          'kann ich diesen Roman mitnehmen',
          'Buch für mich ausleihen',
          'bitte das Buch verbuchen, ich nehme es mit',
        ],
        [
          'ich bringe das Buch zurück',
          'Rückgabe eines Buches',
          'das Buch zurückgeben',
          'hier ist das ausgeliehene Buch wieder',
          'nimm den Roman zurück',
        ],
        [
          'suche Bücher über Vögel',
          'welche Krimis habt ihr',
          'finde Romane aus Schweden',
          'habt ihr etwas über Geschichte',
          'zeig mir Bücher von Kafka',
        ],
        [
          'wie hoch sind meine Gebühren',
          'zeige offene Mahngebühren',
          'was muss ich noch bezahlen',
          'schulde ich euch Geld',
          'meine Säumnisgebühren bitte',
        ],
        [
          'buche einen Gruppenraum',
          'ich brauche einen Raum zum Lernen',
          'reserviere das Lesezimmer',
          'ist ein Arbeitsraum frei, dann buch ihn',
          'Raum reservieren für morgen',
        ],
      ],
    ),
    said: [
      ['ich würde gern das Buch ausleihen', 'books.borrow'],
      ['ich will den Roman zurückbringen', 'books.return'],
      ['sucht bitte Bücher über Pferde', 'books.search'],
      ['habe ich noch offene Gebühren', 'fines.show'],
      ['reserviere uns einen Gruppenraum', 'rooms.book'],
    ],
    other: ['wie wird das Wetter am Wochenende', 'spiel etwas Musik', 'erzähl mir einen Witz'],
  },
  {
    language: 'French',
    intents: library(
      ['Emprunter un livre', 'Rendre un livre', 'Chercher des livres', 'Montrer les amendes', 'Réserver une salle'],
      [
        [
          'je voudrais emprunter ce livre',
          'puis-je prendre ce roman',
          'emprunter un livre',
          'je prends ce livre pour deux semaines',
          'enregistre cet emprunt',
        ],
        [
          'je rapporte le livre',
          'rendre un livre emprunté',
          'voici le roman, je le rends',
          'retour de livre',
          'je viens rendre ce que j’ai emprunté',
        ],
        [
          'cherche des livres sur les oiseaux',
          'quels romans policiers avez-vous',
          'trouve des romans suédois',
          'avez-vous quelque chose sur l’histoire',
          'montre les livres de Camus',
        ],
        [
          'combien je dois en amendes',
          'montre mes amendes',
          'quels frais de retard ai-je',
          'est-ce que je vous dois de l’argent',
          'mes pénalités s’il vous plaît',
        ],
        [
          'réserve une salle de travail',
          'il me faut une salle pour étudier',
          'réserver la salle de lecture',
          'je veux une salle de groupe',
          'bloque une salle pour demain',
        ],
      ],
    ),
    said: [
      ['je souhaite emprunter un livre', 'books.borrow'],
      ['je veux rendre ce roman', 'books.return'],
      ['cherche des romans sur les chevaux', 'books.search'],
      ['montre-moi mes amendes de retard', 'fines.show'],
      ['réserve-nous une salle de groupe', 'rooms.book'],
    ],
    other: ['quel temps fera-t-il ce week-end', 'mets de la musique', 'raconte une blague'],
  },
  {
    language: 'Japanese',
    intents: library(
      ['本を借りる', '本を返す', '本を探す', '延滞料を見る', '部屋を予約する'],
      [
        [
          '本を借りたい',
          'この小説を借ります',
          '本を貸してください',
          '二週間借りたいです',
          'この本の貸し出しをお願いします',
        ],
        ['本を返します', '借りた本を返却したい', '返却をお願いします', 'この小説を返したい', '本の返却です'],
        ['鳥の本を探しています', '推理小説はありますか', '歴史の本を検索', '村上の本を見せて', '本を探してください'],
        [
          '延滞料はいくらですか',
          '延滞料を見せて',
          '未払いの料金はありますか',
          '罰金を確認したい',
          'いくら払えばいいですか',
        ],
        ['学習室を予約したい', '部屋を予約してください', '会議室を取りたい', '閲覧室の予約', '明日の部屋を予約'],
      ],
    ),
    said: [
      ['この本を借りたいです', 'books.borrow'],
      ['借りた小説を返却します', 'books.return'],
      ['馬の本を探してください', 'books.search'],
      ['延滞料を確認したいです', 'fines.show'],
      ['学習室を予約してください', 'rooms.book'],
    ],
    other: ['明日の天気はどう', '音楽をかけて'],
  },
])('$language', ({ intents, said, other }) => {
  const builtin = builtinFor(intents);
  const resolver = resolverFor(intents);

  test.each(said)('"%s" is %s', (text, name) => {
    const [best] = builtin.classify(text, 5);
    expect(best?.intent.name).toBe(name);
    expect(best?.confidence).toBeGreaterThan(defaultLines.read.ask);
  });

  test.each(other)('"%s" runs nothing', async (text) => {
    const resolution = await resolver.resolve(text, { now, visible: () => true, signal: AbortSignal.timeout(5_000) });
    expect(resolution.kind).not.toBe('proposal');
  });
});
