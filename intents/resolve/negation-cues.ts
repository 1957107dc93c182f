/** How one language says that a thing shall not be done, or speaks of it without asking for it. Texts are folded first: no accents. */
interface Cues {
  /** A word that shows that the text is in this language, where a cue alone could be another one's ("no"). */
  readonly marks?: RegExp;
  readonly cues: readonly RegExp[];
}

const english: Cues = {
  cues: [
    /\b(?:do not|don'?t|never|not to|no need to|need not|needn'?t|rather not|hold off|not yet)\b/,
    /\b(?:should|must|would|could|shall|will|need|may|might)(?: ?not|n'?t)\b/,
    /\b(?:won'?t|shan'?t|mustn'?t|shouldn'?t|wouldn'?t|couldn'?t|didn'?t (?:ask|want|mean)|not (?:want|wish|going) (?:you )?to)\b/,
    /\b(?:without|instead of|rather than|stop|avoid|refrain from|hold off on|thinking (?:about|of)|considering) \w+ing\b/,
    /\bif (?!possible\b|you (?:can|could|please|would)\b|necessary\b)/,
    /\b(?:unless|in case|suppose|supposing|assuming|imagine|pretend|hypothetically|in theory)\b/,
    /\b(?:would|could|does|did|is|was) \w+ing\b|\b(?:explain|describe|wonder(?:ing)?|wondered|understand|know|tell me|curious) (?:\w+ )?(?:how|what|why|whether|if|about)\b/,
    /\bwhat (?:if|happens|would|will happen|about)\b|\bwould happen\b|\bhow (?:do|can|could|would|to|does|should)\b/,
    /\b(?:is it|would it be) (?:possible|allowed|ok|okay|safe)\b|\b(?:am i|are we) (?:allowed|able)\b|\b(?:should|shall) (?:i|we)\b/,
    /^(?:please )?(?:did|does|have|has|had|was|were|is|are|why|when|who|which|what|how|whether)\b/,
  ],
};

const german: Cues = {
  cues: [
    /\b(?:nicht|keine?[nmrs]?|niemals|nie|ohne .{0,40}\bzu|anstatt|statt dessen|bloss nicht)\b/,
    /\b(?:was passiert|was ware|was geschieht|angenommen|gesetzt den fall|theoretisch|ware es moglich|falls)\b/,
    /\bwenn ich\b|\b(?:soll|sollte|darf|durfte|kann|konnte) ich\b|^(?:warum|wieso|wann|wer|wie|ob|wurde|wurden|hat|haben|ist|sind|war|waren)\b/,
  ],
};

const french: Cues = {
  cues: [
    /\bn(?:e |')\S+(?: \S+){0,3} (?:pas|plus|jamais|rien)\b|\b(?:ne pas|ne jamais|surtout pas|pas besoin de|sans (?!faute)\S+er)\b/,
    /\bque se passe|\bqu'?arrive\b|\bsi (?:je|j'|on|nous)\b|\b(?:supposons|imaginons|en theorie|au lieu de|plutot que)\b/,
    /\b(?:puis-je|peut-on|pourrait-on|dois-je|faut-il|est-il possible)\b|^(?:pourquoi|quand|qui|comment)\b/,
  ],
};

const spanish: Cues = {
  marks: /\b(?:el|la|los|las|del|al|por|favor|mi|mis|una?|que|quiero|este|esta|ese|esa|pedido|se)\b/,
  cues: [
    /\b(?:no|nunca|jamas|tampoco) (?:me |te |lo |la |le |les |se |nos )?\p{L}+/u,
    /\b(?:que pasa(?:ria)?|que sucede(?:ria)?|si yo|si (?:cancel|anul|borr|elimin|reembols|devuelv)\p{L}*|supongamos|en teoria|en lugar de|en vez de)\b/u,
    /\b(?:puedo|podria|debo|deberia|es posible)\b|^(?:por que|cuando|quien|como)\b/,
  ],
};

const italian: Cues = {
  marks: /\b(?:il|lo|gli|del|della|dell|mio|mia|un|una|per|favore|ordine|che|questo|questa|voglio)\b/,
  cues: [
    /\b(?:non|mai|senza|invece di|piuttosto che)\b/,
    /\b(?:cosa succede|che succede|cosa succederebbe|supponiamo|in teoria|se (?:io|annull|cancell|rimbors)\p{L}*)\b/u,
    /\b(?:posso|potrei|devo|dovrei|e possibile)\b|^(?:perche|quando|chi|come)\b/,
  ],
};

const portuguese: Cues = {
  marks: /\b(?:o|os|as|do|da|dos|das|meu|minha|um|uma|por|favor|pedido|que|este|esta|quero)\b/,
  cues: [
    /\b(?:nao|nunca|jamais|sem|em vez de|em lugar de)\b/,
    /\b(?:o que acontece|que aconteceria|suponha|suponhamos|em teoria|se eu)\b/,
    /\b(?:posso|poderia|devo|deveria|e possivel)\b|^(?:por que|quando|quem|como)\b/,
  ],
};

const dutch: Cues = {
  cues: [
    /\b(?:niet|nooit|geen|zonder .{0,40}\bte|in plaats van)\b/,
    /\b(?:wat gebeurt|wat als|stel dat|in theorie|als ik)\b|\b(?:mag|kan|moet|zou) ik\b|^(?:waarom|wanneer|wie|hoe)\b/,
  ],
};

const polish: Cues = {
  cues: [
    /\b(?:nie|nigdy|zamiast|bez)\b/,
    /\b(?:co sie stanie|jesli|jezeli|gdyby|czy moge|zalozmy)\b|^(?:dlaczego|kiedy|kto|jak)\b/,
  ],
};

/** Scripts without word borders, and Cyrillic and Arabic, where `\b` knows no letters. */
const others: Cues = {
  cues: [
    /(?:^|[^\p{L}])(?:не|никогда|нельзя|без|если|что будет)(?![\p{L}])/u,
    /不要|别|別|不用|不想|不能|如果|假如|会怎么样|會怎麼樣/u,
    /ないで|しないで|ません|なくて|もし|たらどう|どうなる/u,
    /지 ?마|하지 ?않|만약|면 어떻게/u,
    /(?:^|\s)(?:لا|لن|ليس|بدون|إذا|اذا|ماذا لو)(?=\s|$)/u,
    /(?:^|\s)(?:मत|नहीं|नही|अगर|यदि)(?=\s|$)/u,
  ],
};

const languages = [english, german, french, spanish, italian, portuguese, dutch, polish, others];

/**
 * Every test of a folded text for words that deny, question or only suppose. Which languages a catalogue speaks is not asked:
 * a cue of the wrong language costs a question, a missed one an order that nobody wanted cancelled.
 */
export const negationCues: readonly ((folded: string) => boolean)[] = languages.flatMap(({ marks, cues }) =>
  cues.map((cue) => (folded: string) => cue.test(folded) && (marks === undefined || marks.test(folded))),
);
