/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * algebra.c - parsing, simplifying, differentiating and printing of expressions
 *
 * What compilers and interpreters spend their time on: reading text, building trees from a region
 * allocator, finding equal trees through a hash table, rewriting them, writing text again.
 *
 * Trees are shared: make() looks a node up before it makes one ("hash consing"), after applying the
 * algebraic identities. Equal expressions are therefore the same node, and a node is known by its
 * number. Numbers are integers modulo the prime P = 2^31 - 1, so that every operation is exact and
 * evaluation cannot overflow.
 *
 * A unit reads a few formulas and differentiates each of them repeatedly. Its own checks:
 *   - the printed derivative, read again, must give the same node;
 *   - its value at a point must equal the one that automatic differentiation (arithmetic on pairs
 *     of value and slope) computes from the undifferentiated expression, by another path
 *     altogether.
 *
 * Memory: 16 bytes a node, 64 KB of hash heads, 12 bytes a node of memory for results; about 150 to
 * 300 KB at the medium size, and the text.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/program.h"

#define P            0x7fffffffu
#define HASH_HEADS   16384u
#define NODES_MOST   40000u
#define TEXT_MOST    131072u
#define VARIABLES    3  /* x, y, z */
#define EXPONENT_MAX 64 /* of x^n; larger ones are refused */
#define NOTHING      UINT32_MAX

enum op { OP_NUMBER, OP_VARIABLE, OP_ADD, OP_MULTIPLY, OP_POWER };

struct expression {
    uint32_t op;
    uint32_t a, b; /* operands; the value of a number, the index of a variable, an exponent in b */
    uint32_t next; /* of the same hash */
};

struct algebra {
    unsigned formulas; /* in a unit */
    unsigned order;    /* how often each is differentiated */
    uint32_t count;    /* expressions made */
    bool failed;       /* out of nodes or of text, or a syntax error */
    struct expression *pool;
    uint32_t *heads;
    uint32_t *derivative; /* of each node by the variable at hand, or NOTHING */
    uint32_t *value;      /* of each node at the point at hand, or NOTHING */
    uint32_t *slope;
    char *text;
    size_t length;
    const char *input;
};

/* Formulas from a mathematics handbook, in the order of its chapters. */
static const char *const formulas[PROGRAM_UNITS] = {
    "(x + y)^5 - (x - y)^5 + x*y*z*(x^2 + y^2 + z^2)",
    "x^4 + y^4 + z^4 - 2*x^2*y^2 - 2*y^2*z^2 - 2*z^2*x^2 + (x*y + z)^3",
    "(x^2 + y^2 + z^2)*(x*y + y*z + z*x) - 3*(x + y + z)^2*x*y*z",
    "(1 + x*(1 + x*(1 + x*(1 + x*(y + z*x)))))*(1 - y*(1 - y*(x + z)))",
    "(63*x^5 - 70*x^3 + 15*x)*(35*y^4 - 30*y^2 + 3) + (5*z^3 - 3*z)^2",
    "(16*x^5 - 20*x^3 + 5*x + y)^2*(z + 1) + (8*x^4 - 8*x^2 + 1)*(y*z + x)",
    "x*(y*(z - 1) - z*(y + 2)) - y*(x*(z + 3) - z*(x - 4)) + z*(x*(y + 5) - y*(x - 6))^2",
    "((x + 2*y + 3*z)^3 + (3*x + y + 2*z)^3 + (2*x + 3*y + z)^3)*(x*y*z + 1)",
};

struct workload {
    unsigned formulas, order;
};

static const struct workload workloads[INPUT_SIZES] = {{1, 1}, {2, 2}, {4, 3}};

/* ---- numbers modulo P ------------------------------------------------------------------------ */

static uint32_t add(uint32_t a, uint32_t b)
{
    uint32_t sum = a + b;

    return sum >= P ? sum - P : sum;
}

/* Because 2^31 = 1 (mod P), the high part of the product is simply added to the low one. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint64_t product = (uint64_t)a * b;

    return add((uint32_t)(product & P), (uint32_t)(product >> 31));
}

static uint32_t power(uint32_t a, uint32_t n)
{
    uint32_t result = 1;

    for (; n; n >>= 1, a = multiply(a, a))
        if (n & 1)
            result = multiply(result, a);
    return result;
}

/* ---- shared nodes ---------------------------------------------------------------------------- */

static uint32_t lookup(struct algebra *s, uint32_t op, uint32_t a, uint32_t b)
{
    uint32_t hash = (op * 0x9e3779b1u ^ a * 0x85ebca6bu ^ b * 0xc2b2ae35u);
    uint32_t *head = &s->heads[(hash ^ hash >> 15) % HASH_HEADS];

    for (uint32_t i = *head; i != NOTHING; i = s->pool[i].next)
        if (s->pool[i].op == op && s->pool[i].a == a && s->pool[i].b == b)
            return i;
    if (s->count >= NODES_MOST) {
        s->failed = true;
        return 0;
    }
    s->pool[s->count] = (struct expression){op, a, b, *head};
    s->derivative[s->count] = s->value[s->count] = NOTHING;
    return *head = s->count++;
}

static uint32_t number(struct algebra *s, uint32_t value)
{
    return lookup(s, OP_NUMBER, value, 0);
}

static bool is_number(const struct algebra *s, uint32_t e)
{
    return s->pool[e].op == OP_NUMBER;
}

static bool has_value(const struct algebra *s, uint32_t e, uint32_t value)
{
    return is_number(s, e) && s->pool[e].a == value;
}

/*
 * Makes a op b, or the simpler thing it equals. Sums and products put the operand with the smaller
 * number first, which makes a+b and b+a the same node.
 */
static uint32_t make(struct algebra *s, enum op op, uint32_t a, uint32_t b)
{
    if (op != OP_POWER && a > b) {
        uint32_t swap = a;

        a = b;
        b = swap;
    }
    switch (op) {
    case OP_ADD:
        if (is_number(s, a) && is_number(s, b))
            return number(s, add(s->pool[a].a, s->pool[b].a));
        if (has_value(s, a, 0))
            return b;
        if (has_value(s, b, 0))
            return a;
        if (a == b)
            return make(s, OP_MULTIPLY, number(s, 2), a);
        break;
    case OP_MULTIPLY:
        if (is_number(s, a) && is_number(s, b))
            return number(s, multiply(s->pool[a].a, s->pool[b].a));
        if (has_value(s, a, 0) || has_value(s, b, 1))
            return a;
        if (has_value(s, b, 0) || has_value(s, a, 1))
            return b;
        break;
    case OP_POWER: /* b is the exponent itself, not a node */
        if (b == 0)
            return number(s, 1);
        if (b == 1)
            return a;
        if (is_number(s, a))
            return number(s, power(s->pool[a].a, b));
        break;
    default:
        break;
    }
    return lookup(s, op, a, b);
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint32_t parse_sum(struct algebra *s);

static char peek(struct algebra *s)
{
    while (*s->input == ' ')
        s->input++;
    return *s->input;
}

static bool accept(struct algebra *s, char c)
{
    if (peek(s) != c)
        return false;
    s->input++;
    return true;
}

static uint32_t parse_integer(struct algebra *s)
{
    uint32_t value = 0;

    if (peek(s) < '0' || *s->input > '9')
        s->failed = true;
    while (*s->input >= '0' && *s->input <= '9')
        value = add(multiply(value, 10), (uint32_t)(*s->input++ - '0'));
    return value;
}

static uint32_t parse_atom(struct algebra *s)
{
    char c = peek(s);

    if (c >= 'x' && c < 'x' + VARIABLES) {
        s->input++;
        return lookup(s, OP_VARIABLE, (uint32_t)(c - 'x'), 0);
    }
    if (accept(s, '(')) {
        uint32_t inner = parse_sum(s);

        s->failed |= !accept(s, ')');
        return inner;
    }
    return number(s, parse_integer(s));
}

static uint32_t parse_product(struct algebra *s)
{
    uint32_t result = NOTHING;

    do {
        uint32_t factor = parse_atom(s);

        if (accept(s, '^')) {
            uint32_t exponent = parse_integer(s);

            s->failed |= exponent > EXPONENT_MAX;
            factor = make(s, OP_POWER, factor, exponent);
        }
        result = result == NOTHING ? factor : make(s, OP_MULTIPLY, result, factor);
    } while (accept(s, '*') && !s->failed);
    return result;
}

static uint32_t parse_sum(struct algebra *s)
{
    uint32_t result = parse_product(s);

    while (!s->failed) {
        if (accept(s, '+'))
            result = make(s, OP_ADD, result, parse_product(s));
        else if (accept(s, '-'))
            result =
                make(s, OP_ADD, result, make(s, OP_MULTIPLY, number(s, P - 1), parse_product(s)));
        else
            break;
    }
    return result;
}

static uint32_t parse(struct algebra *s, const char *text)
{
    s->input = text;
    uint32_t result = parse_sum(s);

    s->failed |= peek(s) != '\0';
    return result;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_char(struct algebra *s, char c)
{
    if (s->length + 1 >= TEXT_MOST)
        s->failed = true;
    else
        s->text[s->length++] = c;
}

static void put_number(struct algebra *s, uint32_t value)
{
    char digits[10];
    int n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n > 0)
        put_char(s, digits[--n]);
}

static void put_expression(struct algebra *s, uint32_t e)
{
    const struct expression *x = &s->pool[e];

    switch (x->op) {
    case OP_NUMBER:
        put_number(s, x->a);
        break;
    case OP_VARIABLE:
        put_char(s, (char)('x' + x->a));
        break;
    case OP_POWER:
        put_char(s, '(');
        put_expression(s, x->a);
        put_char(s, ')');
        put_char(s, '^');
        put_number(s, x->b);
        break;
    default:
        put_char(s, '(');
        put_expression(s, x->a);
        put_char(s, x->op == OP_ADD ? '+' : '*');
        put_expression(s, x->b);
        put_char(s, ')');
    }
}

/* ---- differentiating and evaluating ---------------------------------------------------------- */

static void forget(struct algebra *s, uint32_t *results)
{
    memset(results, 0xff, s->count * sizeof(results[0]));
}

static uint32_t differentiate(struct algebra *s, uint32_t e, uint32_t variable)
{
    struct expression x = s->pool[e]; /* by value: the pool grows below */
    uint32_t result;

    if (s->failed)
        return 0;
    if (s->derivative[e] != NOTHING)
        return s->derivative[e];
    switch (x.op) {
    case OP_NUMBER:
        result = number(s, 0);
        break;
    case OP_VARIABLE:
        result = number(s, x.a == variable);
        break;
    case OP_ADD:
        result = differentiate(s, x.a, variable);
        result = make(s, OP_ADD, result, differentiate(s, x.b, variable));
        break;
    case OP_MULTIPLY: {
        uint32_t left = make(s, OP_MULTIPLY, differentiate(s, x.a, variable), x.b);

        result = make(s, OP_ADD, left, make(s, OP_MULTIPLY, x.a, differentiate(s, x.b, variable)));
        break;
    }
    default:
        result = make(s, OP_MULTIPLY, number(s, x.b), make(s, OP_POWER, x.a, x.b - 1));
        result = make(s, OP_MULTIPLY, result, differentiate(s, x.a, variable));
    }
    return s->derivative[e] = result;
}

/* Value and slope of e at a point, by the rules for pairs; remembered for each node. */
static void evaluate(struct algebra *s, uint32_t e, const uint32_t *point, uint32_t variable)
{
    const struct expression x = s->pool[e];

    if (s->value[e] != NOTHING)
        return;
    if (x.op >= OP_ADD)
        evaluate(s, x.a, point, variable);
    if (x.op == OP_ADD || x.op == OP_MULTIPLY)
        evaluate(s, x.b, point, variable);
    switch (x.op) {
    case OP_NUMBER:
        s->value[e] = x.a;
        s->slope[e] = 0;
        break;
    case OP_VARIABLE:
        s->value[e] = point[x.a];
        s->slope[e] = x.a == variable;
        break;
    case OP_ADD:
        s->value[e] = add(s->value[x.a], s->value[x.b]);
        s->slope[e] = add(s->slope[x.a], s->slope[x.b]);
        break;
    case OP_MULTIPLY:
        s->value[e] = multiply(s->value[x.a], s->value[x.b]);
        s->slope[e] =
            add(multiply(s->slope[x.a], s->value[x.b]), multiply(s->value[x.a], s->slope[x.b]));
        break;
    default:
        s->value[e] = power(s->value[x.a], x.b);
        s->slope[e] = multiply(multiply(x.b, power(s->value[x.a], x.b - 1)), s->slope[x.a]);
    }
}

/* One derivative with both checks; returns its node, and mixes text and value into the digest. */
static uint32_t derive(struct algebra *s, uint32_t e, uint32_t variable, uint32_t *digest)
{
    uint32_t point[VARIABLES];

    forget(s, s->derivative);
    uint32_t result = differentiate(s, e, variable);

    s->length = 0;
    put_expression(s, result);
    if (s->failed)
        return 0;
    s->text[s->length] = '\0';
    if (parse(s, s->text) != result)
        s->failed = true;

    for (uint32_t i = 0; i < VARIABLES; i++)
        point[i] = (variable + 2) * 1000003u + i * 7919u;
    forget(s, s->value);
    evaluate(s, e, point, variable);
    evaluate(s, result, point, variable);
    if (s->slope[e] != s->value[result])
        s->failed = true;

    for (size_t i = 0; i < s->length; i++)
        *digest = (*digest ^ (uint8_t)s->text[i]) * 16777619u;
    *digest = digest_add(*digest, s->value[result]);
    return result;
}

static void *algebra_open(enum input_size size)
{
    struct algebra *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->formulas = workloads[size].formulas;
    s->order = workloads[size].order;
    s->pool = malloc(NODES_MOST * sizeof(s->pool[0]));
    s->heads = malloc(HASH_HEADS * sizeof(s->heads[0]));
    s->derivative = malloc(NODES_MOST * sizeof(s->derivative[0]));
    s->value = malloc(NODES_MOST * sizeof(s->value[0]));
    s->slope = malloc(NODES_MOST * sizeof(s->slope[0]));
    s->text = malloc(TEXT_MOST);
    if (!s->pool || !s->heads || !s->derivative || !s->value || !s->slope || !s->text)
        return NULL;
    return s;
}

static uint32_t algebra_unit(void *state, unsigned k)
{
    struct algebra *s = state;
    uint32_t digest = DIGEST_START;

    s->count = 0;
    s->failed = false;
    memset(s->heads, 0xff, HASH_HEADS * sizeof(s->heads[0]));
    for (unsigned f = 0; f < s->formulas; f++) {
        uint32_t e = parse(s, formulas[(k + f) % PROGRAM_UNITS]);

        for (uint32_t variable = 0; variable < VARIABLES; variable++) {
            uint32_t d = e;

            for (unsigned i = 0; i < s->order && !s->failed; i++)
                d = derive(s, d, (variable + i) % VARIABLES, &digest);
        }
    }
    return s->failed ? 0 : digest_add(digest, s->count);
}

const struct program algebra_program = {
    .name = "algebra",
    .summary = "parsing, differentiating and printing of expressions in shared trees",
    .open = algebra_open,
    .unit = algebra_unit,
    .phase = 56,
    .worth = 35,
};
