"""The grammar of Apex for lark's LALR parser.

Binary operators are a flat list here, and `expressions.py` applies their precedence. That
keeps the tables small and long chains fast.
"""

GRAMMAR = r"""
%declare ACCESS ACCESSOR ANNOTATION _ARROW ASSIGN ASSIGN_OTHER BOOLEAN BRACKETS BREAK CAST
%declare CATCH _CLASS _COLON _COMMA CONTINUE DML DO _DOT DOT_CLASS _ELSE _ENUM EVENT
%declare _EXTENDS FINALLY FOR _GT IF _IMPLEMENTS INSTANCEOF _INTERFACE LBRACE LBRACKET
%declare LITERAL _LPAR _LT MERGE MODIFIER NAME NEW NOT NULL _ON OPERATOR QUERY QUESTION
%declare RBRACE _RBRACKET RETURN _RPAR RUN_AS SAFE_DOT SEARCH SEMI SIGN STEP SUPER SWITCH_ON
%declare THIS THROW TRIGGER TRY UPSERT WHEN WHILE

?start: type_declaration | trigger

trigger: TRIGGER NAME _ON NAME _LPAR EVENT (_COMMA EVENT)* _RPAR block

?type_declaration: class_ | interface | enum
class_: modifiers _CLASS NAME [_EXTENDS type] [_IMPLEMENTS types] LBRACE members RBRACE
interface: modifiers _INTERFACE NAME [_EXTENDS types] LBRACE interface_members RBRACE
enum: modifiers _ENUM NAME LBRACE [enum_values] RBRACE
enum_values: NAME (_COMMA NAME)* -> many

modifiers: (MODIFIER | annotation)*
annotation: ANNOTATION [_LPAR [annotation_values] _RPAR]
annotation_values: expression (_COMMA? expression)* -> many

members: member* -> many
?member: type_declaration
    | modifiers type declarators SEMI -> field
    | modifiers type NAME LBRACE accessors RBRACE -> property
    | modifiers type NAME parameters body -> method
    | modifiers qualified parameters body -> constructor
    | modifiers block -> initializer
interface_members: interface_member* -> many
?interface_member: type NAME parameters SEMI -> interface_method
?body: block | SEMI -> nothing
accessors: accessor* -> many
accessor: modifiers ACCESSOR body
parameters: _LPAR [parameter (_COMMA parameter)*] _RPAR
parameter: modifiers type NAME
declarators: declarator (_COMMA declarator)* -> many
declarator: NAME [ASSIGN expression]

qualified: NAME -> first
    | qualified _DOT NAME -> more
types: type (_COMMA type)* -> many
?type: qualified -> plain_type
    | generic -> generic_type
    | array
?array: qualified BRACKETS -> plain_array
    | generic BRACKETS -> generic_array
    | array BRACKETS -> array_of_arrays
generic: qualified _LT types _GT
    | generic _DOT NAME -> generic_inner
    | generic _DOT NAME _LT types _GT -> generic_inner
?class_type: qualified -> plain_type
    | generic -> generic_type

block: LBRACE statement* RBRACE
?statement: block
    | local SEMI -> one
    | expression SEMI -> expression_statement
    | IF _LPAR expression _RPAR statement [_ELSE statement] -> if_
    | WHILE _LPAR expression _RPAR loop_body -> while_
    | DO block WHILE _LPAR expression _RPAR SEMI -> do_while
    | FOR _LPAR type NAME _COLON expression _RPAR loop_body -> for_each
    | FOR _LPAR for_initial SEMI [expression] SEMI [expressions] _RPAR loop_body -> for_
    | SWITCH_ON expression LBRACE when* RBRACE -> switch
    | RETURN [expression] SEMI -> return_
    | THROW expression SEMI -> throw
    | BREAK SEMI -> break_
    | CONTINUE SEMI -> continue_
    | TRY block catch* -> try_
    | TRY block catch* FINALLY block -> try_finally
    | DML [ACCESS] expression SEMI -> dml
    | UPSERT [ACCESS] expression [qualified] SEMI -> upsert
    | MERGE [ACCESS] expression expression SEMI -> merge
    | RUN_AS _LPAR [expressions] _RPAR block -> run_as
    | RUN_AS _LPAR [expressions] _RPAR SEMI -> run_as_call
local: type declarators
    | some_modifiers type declarators -> modified_local
some_modifiers: (MODIFIER | annotation)+ -> modifiers
?loop_body: statement | SEMI -> nothing
?for_initial: local | expressions | -> many
catch: CATCH _LPAR modifiers type NAME _RPAR block
when: WHEN _ELSE block -> when_else
    | WHEN when_values block -> when_values
    | WHEN type NAME block -> when_type
when_values: when_value (_COMMA when_value)* -> many
?when_value: LITERAL -> literal
    | NULL -> literal
    | BOOLEAN -> literal
    | SIGN when_value -> unary
    | qualified -> name
    | _LPAR when_value _RPAR

expressions: expression -> first
    | expressions _COMMA expression -> more
?expression: chain
    | chain ASSIGN expression -> assignment
    | chain ASSIGN_OTHER expression -> assignment
    | chain QUESTION expression _COLON expression -> ternary
?chain: unary
    | unary (OPERATOR unary | SIGN unary | INSTANCEOF type)+ -> operators
?unary: postfix
    | SIGN unary -> unary
    | NOT unary -> unary
    | STEP unary -> unary
    | CAST type _RPAR unary -> cast
?postfix: operand
    | postfix STEP -> postfix
?operand: selected
    | qualified -> name
?selected: LITERAL -> literal
    | BOOLEAN -> literal
    | NULL -> literal
    | QUERY -> query
    | SEARCH -> search
    | THIS -> this
    | SUPER -> super_
    | THIS arguments -> own_call
    | SUPER arguments -> own_call
    | qualified arguments -> named_call
    | _LPAR expression _RPAR -> one
    | qualified DOT_CLASS -> plain_class
    | generic DOT_CLASS -> generic_class
    | array DOT_CLASS -> array_class
    | selected _DOT NAME -> access
    | selected _DOT NAME arguments -> call
    | operand SAFE_DOT NAME -> safe_access
    | operand SAFE_DOT NAME arguments -> safe_call
    | operand LBRACKET expression _RBRACKET -> index
    | NEW class_type arguments -> new
    | NEW new_type LBRACE RBRACE -> new_list
    | NEW new_type LBRACE expressions RBRACE -> new_list
    | NEW new_type LBRACE expressions _COMMA RBRACE -> new_list
    | NEW new_type LBRACE pairs RBRACE -> new_map
    | NEW class_type LBRACKET expression _RBRACKET -> new_array
arguments: _LPAR [expressions] _RPAR
pairs: pair (_COMMA pair)* -> many
pair: expression _ARROW expression
?new_type: class_type | array
"""
