// The foot of a chat: START, or the menu of commands, the paper clip, the text field and the send button.

import { el, icon, openMenu } from "./dom.js";
import { word } from "./words.js";

export class Composer {
  constructor(node, room) {
    this.node = node;
    this.room = room;
    this.context = null; // { kind: "reply" | "edit", message } while one is being written
  }

  draw() {
    const { language } = this.room;
    const mode = this.mode();
    const look = JSON.stringify([mode, language, this.room.commands.length > 0]);
    if (look === this.look) return;
    const typed = this.field?.value ?? "";
    const focused = this.node.contains(document.activeElement);
    this.look = look;
    this.field = null;
    this.node.replaceChildren(...this.parts(mode));
    if (this.field) this.field.value = typed;
    if (focused) this.node.querySelector("textarea, button")?.focus();
  }

  mode() {
    const { chat } = this.room;
    if (chat.moved) return "moved";
    if (!chat.started) return "start";
    if (chat.blocked) return "restart";
    if (!chat.bot.here) return "gone";
    if (!this.room.actor) return "empty-group";
    return this.linking ? "link" : "write";
  }

  parts(mode) {
    if (["moved", "gone", "empty-group"].includes(mode)) return [el("p", { class: "notice" }, this.word(mode))];
    if (mode === "link") return [this.linkForm()];
    if (mode === "write") return this.writing();
    const start = el("button", {
      type: "button", class: "start", "data-testid": "start",
      on: { click: () => this.start() },
    }, this.word(mode));
    return this.linking ? [this.linkForm()] : [start];
  }

  async start() {
    await this.room.do("start", { payload: "" });
    this.field?.focus();
  }

  word(key, values) {
    return word(this.room.language, key, values);
  }

  writing() {
    const hint = this.word(this.room.private ? "message" : "message-group");
    this.field = el("textarea", {
      rows: "1", class: "field", "data-testid": "composer", placeholder: hint, "aria-label": hint,
      enterkeyhint: "send", autocomplete: "off", maxlength: "4096",
      on: {
        keydown: (event) => this.key(event),
        input: () => this.grow(),
      },
    });
    const send = el("button", {
      type: "button", class: "icon-button send", "data-testid": "send", "aria-label": this.word("send"),
      on: { click: () => this.send() },
    }, icon("send"));
    this.about = el("div", { class: "context", hidden: true });
    const line = el("div", { class: "line" }, this.menuButton(), this.clipButton(), this.field, send);
    return [this.about, line];
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
    if (event.key === "Escape" && this.context) this.drop();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 110)}px`;
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const { kind, message } = this.context ?? {};
    this.field.value = "";
    this.grow();
    this.drop();
    if (kind === "edit") await this.room.do("rewrite", { message: message.id, text });
    else await this.room.do("write", { text, reply: message?.id });
  }

  answer(message) {
    this.setContext("reply", message, this.word("replying", { name: message.sender.name }));
  }

  rewrite(message) {
    this.setContext("edit", message, this.word("editing"));
    if (this.field) this.field.value = message.text;
  }

  setContext(kind, message, label) {
    if (!this.field) return;
    this.context = { kind, message };
    this.about.replaceChildren(
      el("p", {}, el("b", {}, label), el("span", {}, message.text.slice(0, 80))),
      el("button", { type: "button", class: "icon-button", "aria-label": this.word("cancel"), on: { click: () => this.drop() } }, icon("close")),
    );
    this.about.hidden = false;
    this.field.focus();
  }

  drop() {
    this.context = null;
    this.about.hidden = true;
    this.field.focus();
  }

  menuButton() {
    if (!this.room.commands.length) return null;
    const items = () => this.room.commands.map((one) => ({
      id: "command", label: `/${one.command}`, about: one.description, act: () => this.room.say(`/${one.command}`),
    }));
    const short = !this.room.private;
    const button = el("button", {
      type: "button", class: `commands ${short ? "short" : ""}`, "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "menu",
      "aria-label": short ? this.word("commands") : undefined,
      on: { click: () => openMenu(button, this.node, items(), this.word("commands")) },
    }, icon("menu"), short ? null : el("span", {}, this.word("menu")));
    return button;
  }

  clipButton() {
    if (!this.room.private) return null;
    const items = ["photo", "voice", "sticker", "location"].map((kind) => ({
      id: `send-${kind}`, label: this.word(kind), act: () => this.room.do("send", { kind }),
    }));
    const button = el("button", {
      type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-expanded": "false", "data-testid": "attach",
      "aria-label": this.word("attach"), on: { click: () => openMenu(button, this.node, items, this.word("attach")) },
    }, icon("clip"));
    return button;
  }

  askLink() {
    this.linking = true;
    this.look = null;
    this.draw();
    this.node.querySelector("input")?.focus();
  }

  linkForm() {
    const input = el("input", { class: "field", "data-testid": "payload", maxlength: "64", pattern: "[A-Za-z0-9_\\-]*", "aria-label": this.word("link-ask"), placeholder: this.word("link-code") });
    const close = () => { this.linking = false; this.look = null; this.draw(); };
    const go = async () => {
      if (!input.checkValidity()) { input.reportValidity(); return; }
      const payload = input.value;
      close();
      await this.room.do("start", { payload });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); go(); }
      if (event.key === "Escape") close();
    });
    return el("div", { class: "line" }, input,
      el("button", { type: "button", class: "small", "data-testid": "payload-go", on: { click: go } }, this.word("link-go")),
      el("button", { type: "button", class: "icon-button", "aria-label": this.word("cancel"), on: { click: close } }, icon("close")));
  }
}
