// One chat with everything around it: a participant's phone, or a coordinators' group.

import { Composer } from "./composer.js";
import { choice, el, icon, openMenu } from "./dom.js";
import { deed, invitation } from "./live.js";
import { Log } from "./log.js";
import { word } from "./words.js";

const TOAST_FOR = 4500;
const TYPING_AFTER = 350;
const TYPING_AT_MOST = 20000;

export class Room {
  constructor(chat, { language, news, reveal }) {
    this.chat = chat;
    this.private = chat.kind === "private";
    this.pageLanguage = language;
    this.news = news;
    this.reveal = reveal;
    this.actor = chat.people[0]?.id;
    this.payload = "";
    this.toasted = Math.max(0, ...chat.toasts.map((one) => one.number));
    this.first = true;
    this.build();
    this.update(chat);
  }

  // A phone speaks its owner's language; a group speaks the language of the page.
  get language() {
    return this.private ? this.chat.language : this.pageLanguage();
  }

  // What the page calls this chat: a group by its name in the reader's language.
  get title() {
    return this.chat.titles[this.pageLanguage()] ?? this.chat.title;
  }

  // The menu of commands differs between an administrator and the others.
  get commands() {
    return this.chat.people.find((one) => one.id === this.actor)?.commands ?? [];
  }

  say(text) {
    return this.do("write", { text });
  }

  tap(message, data) {
    return this.do("tap", { message, data });
  }

  reply(message) {
    this.composer.answer(message);
  }

  edit(message) {
    this.composer.rewrite(message);
  }

  async do(name, wish = {}) {
    const done = await deed(this.chat.id, name, { person: this.actor, ...wish });
    if (!done) this.toast(word(this.language, "failed"));
    else this.log.toEnd();
    return done;
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(word(this.language, "copied"));
    } catch {
      this.toast(word(this.language, "copy-failed", { text }));
    }
  }

  toast(text) {
    const shown = el("p", { class: "toast", "data-testid": "toast" }, text);
    this.toasts.append(shown);
    setTimeout(() => shown.remove(), TOAST_FOR);
  }

  alert(text, copy = null) {
    const before = document.activeElement;
    const close = () => { veil.remove(); before?.focus(); };
    const agree = () => { close(); copy?.(); };
    const ok = el("button", { type: "button", class: "ok", on: { click: agree } }, word(this.language, copy ? "copy" : "ok"));
    const veil = el("div", { class: "veil" }, el("div", {
      class: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": text, "data-testid": "alert",
    }, el("p", {}, text), ok));
    veil.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Tab") event.preventDefault();
    });
    this.screen.append(veil);
    ok.focus();
  }

  build() {
    const kind = this.private ? "phone" : "room";
    this.header = el("header", { class: "chat-head" });
    this.actors = el("div", { class: "switch actors", role: "group", hidden: true });
    this.logNode = el("div", {
      class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions text", tabindex: "0", "data-testid": "log",
    });
    this.empty = el("div", { class: "empty" });
    this.typing = el("p", { class: "typing", hidden: true, "data-testid": "typing" }, el("span"), el("span"), el("span"));
    this.toasts = el("div", { class: "toasts", role: "status" });
    this.footer = el("footer", { class: "composer" });
    this.screen = el("div", { class: "screen" }, this.header, this.actors, this.logNode, this.empty, this.typing, this.toasts, this.footer);
    this.caption = el("h3", { class: "caption" });
    this.node = el("section", {
      class: `frame ${kind}`, "data-testid": kind, "data-chat": this.chat.id,
    }, this.caption, this.screen);
    this.log = new Log(this.logNode, this);
    this.composer = new Composer(this.footer, this);
  }

  update(chat) {
    this.chat = chat;
    this.screen.lang = this.language;
    if (!chat.people.some((one) => one.id === this.actor)) this.actor = chat.people[0]?.id;
    this.drawFrame();
    this.drawHeader();
    this.drawActors();
    this.drawEmpty();
    const fresh = this.log.draw(chat);
    this.composer.draw();
    this.drawTyping();
    this.drawToasts();
    if (fresh && !this.first) this.news(this, fresh);
    if (this.first) this.log.toEnd();
    this.first = false;
  }

  drawFrame() {
    const page = this.pageLanguage();
    const name = word(page, this.private ? "phone" : "room", { name: this.title });
    this.node.setAttribute("aria-label", name);
    this.logNode.setAttribute("aria-label", word(this.language, "log", { name: this.private ? this.chat.bot.name : this.title }));
    const about = this.private ? word(page, `phone-language-${this.chat.language}`) : "";
    this.caption.replaceChildren(this.title, about ? el("span", {}, ` · ${about}`) : "");
    this.caption.hidden = !this.private;
  }

  drawHeader() {
    const { chat, language } = this;
    const title = this.private ? chat.bot.name : this.title;
    const members = () => word(language, "members", { count: chat.people.length + (chat.bot.here ? 1 : 0) });
    const typing = () => word(language, this.private ? "typing" : "typing-group", { name: chat.bot.name });
    const below = this.showsTyping ? typing() : this.private ? word(language, "bot") : members();
    const look = JSON.stringify([title, below, language, chat.blocked, chat.started]);
    if (look === this.headLook) return;
    this.headLook = look;
    if (!this.headName) this.buildHeader();
    this.headAvatar.textContent = title.replace(/.*· /, "").slice(0, 1);
    this.headName.textContent = title;
    this.headBelow.textContent = below;
    this.more?.setAttribute("aria-label", word(language, "more"));
  }

  // Who of the group the page acts for: what is typed, tapped and shown for a moment is theirs.
  drawActors() {
    const { chat, language } = this;
    const look = JSON.stringify([chat.people, this.actor, language]);
    if (this.private || look === this.actorsLook) return;
    this.actorsLook = look;
    const focused = this.actors.contains(document.activeElement);
    this.actors.hidden = chat.people.length === 0;
    this.actors.setAttribute("aria-label", word(language, "as"));
    choice(this.actors, chat.people.map((one) => ({ value: one.id, label: one.name, id: "actor" })), this.actor, (id) => {
      this.actor = id;
      this.toasts.replaceChildren();
      this.update(this.chat);
    });
    this.actors.prepend(el("span", { class: "long", "aria-hidden": "true" }, word(language, "as")));
    const label = word(language, "private", { name: chat.people.find((one) => one.id === this.actor)?.name });
    this.actors.append(el("button", {
      type: "button", class: "icon-button to-private", "data-testid": "private", "aria-label": label, title: label,
      on: { click: () => this.openPrivate() },
    }, icon("phone")));
    if (focused) this.actors.querySelector("[aria-pressed=true]")?.focus();
  }

  // Whoever acts here has a phone too; its chat has the number of its person.
  async openPrivate() {
    if (await this.do("private")) this.reveal(this.actor);
  }

  buildHeader() {
    this.headAvatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.headName = el("p", { class: "head-name" });
    this.headBelow = el("p", { class: "head-below" });
    this.header.append(this.headAvatar, el("div", {}, this.headName, this.headBelow));
    if (!this.private && !this.chat.invites) return;
    this.more = el("button", {
      type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "more",
      on: { click: () => openMenu(this.more, this.header, this.moreItems(), word(this.language, "more")) },
    }, icon("more"));
    this.header.append(this.more);
  }

  // What the operator of the bot does from a shell: nobody gets to a desk without it.
  inviting() {
    return ["coordinator", "lead"].map((role) => ({
      id: `invite-${role}`, label: word(this.language, `invite-${role}`), act: () => this.invite(role),
    }));
  }

  async invite(role) {
    this.toast(word(this.language, "wait"));
    const text = await invitation(this.chat.id, role);
    this.toasts.replaceChildren();
    if (text) this.alert(word(this.language, "invited", { text }), () => this.copy(text));
    else this.toast(word(this.language, "failed"));
  }

  moreItems() {
    if (!this.private) return this.inviting();
    const other = this.language === "fr" ? "en" : "fr";
    const items = [
      { id: "speak", label: word(this.language, `speak-${other}`), act: () => this.do("speak", { language: other }) },
      { id: "link", label: word(this.language, "link"), act: () => this.composer.askLink() },
    ];
    if (!this.chat.started) return items;
    const block = this.chat.blocked ? "unblock" : "block";
    return [...items,
      { id: "clear", label: word(this.language, "clear"), act: () => this.do("clear") },
      { id: block, label: word(this.language, block), act: () => this.do(block) }];
  }

  drawEmpty() {
    const { chat, language } = this;
    this.empty.hidden = chat.messages.length > 0 || (this.private && !chat.description);
    const look = JSON.stringify([chat.description, language]);
    if (look === this.emptyLook) return;
    this.emptyLook = look;
    if (!this.private) this.empty.replaceChildren(el("p", { class: "pill" }, word(language, "empty-group")));
    else this.empty.replaceChildren(el("div", { class: "about", "data-testid": "description" },
      el("p", {}, el("b", {}, word(language, "empty"))), el("p", { class: "text" }, chat.description)));
  }

  drawTyping() {
    clearTimeout(this.typingTimer);
    if (!this.chat.waiting) {
      this.setTyping(false);
      return;
    }
    // An answer that comes at once needs no sign, and a bot that stays silent is not "typing" for ever.
    this.typingTimer = setTimeout(() => {
      this.setTyping(true);
      this.typingTimer = setTimeout(() => this.setTyping(false), TYPING_AT_MOST);
    }, TYPING_AFTER);
  }

  setTyping(on) {
    if (this.showsTyping === on) return;
    this.showsTyping = on;
    // Dots stand where an answer will come; over a message of the bot, or in a group, they would hide what is there.
    const answered = this.chat.messages.at(-1)?.sender.bot;
    this.typing.hidden = !on || !this.private || answered;
    this.drawHeader();
  }

  drawToasts() {
    for (const one of this.chat.toasts) {
      if (one.number <= this.toasted) continue;
      this.toasted = one.number;
      if (!this.private && one.person !== this.actor) continue;
      if (one.alert) this.alert(one.text);
      else this.toast(one.text);
    }
  }
}
