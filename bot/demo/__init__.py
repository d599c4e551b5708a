"""A local stand-in for Telegram, on this computer only: the Bot API over HTTP, and a page that shows both sides.

The real application is pointed at it through `SCREENER_API_URL` and cannot tell the difference, so the same
stand-in serves demonstrations (`run.demo`) and end-to-end tests (`standin.StandIn`). It is strict: what
Telegram would reject is rejected here, in the same words.

Reads downwards; each module may use those above it:

    wire        JSON shapes, refusals, UTF-16 lengths
    entities    HTML and entity lists -> formatted text
    keyboards   reply_markup -> rows of buttons
    updates     the queue of updates
    changes     a counter of changes that can be waited on
    pictures    what Telegram takes for a picture, and the sizes it keeps
    chats       what there is: people, chats, messages, the profile of the bot
    shapes      the same things as Bot API JSON
    people      what people do: start, type, tap, block
    groups      what happens to groups: who joins and leaves, the move to a supergroup
    invitations what an operator does from a shell: inviting somebody to a desk
    faults      failures on order, and the log of calls
    params      reading the parameters of a call
    messages    methods: send, edit, delete, answer
    files       methods: send a picture or a document
    profile     methods: commands, descriptions, chats, webhooks
    polling     method: getUpdates, the long poll
    lines       the open connections, so that one can be cut
    api         the door of the Bot API
    page        the door of the page, and its live stream
    app         both doors as one application
    setting     what a demonstration starts with: names, groups, texts (demo.toml)
    server      the application on a free port, in a thread
    handles     a phone, a group and its members, as Python objects
    standin     the Python handle for tests
    run         the whole demonstration, with the real bot as a process of its own
"""
